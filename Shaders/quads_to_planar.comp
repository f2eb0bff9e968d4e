// Quads to planar or interleaved float32. One invocation: the four channels of one position.
// b1 src [n][sc4][sd][sh][sw] vec4.
// b4 dst float32: the element of image n, channel k, position (d, h, w) of the box lies at
//    n*x2 + k*x0 + ((d*h + h)*w + w)*x1; planar [n][C][d][h][w]: x0 = d*h*w, x1 = 1, x2 = C*x0. k counts from 4*c0.
// Push: the box, the held source, channels, base, x0 x1 x2. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, float, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = block() + p.c0;
  vec4 v = src(source(image(), c, at.d + p.d0, at.h + p.h0, at.w + p.w0));
  int to = image() * p.x2 + ((at.d * p.h + at.h) * p.w + at.w) * p.x1 + 4 * block() * p.x0;
  [[unroll]] for (int i = 0; i < 4; i++)
    if (4 * c + i < p.channels) dst[to + i * p.x0] = v[i];
}
