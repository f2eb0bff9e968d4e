// Planar or interleaved channels to quads, y = x * scale + bias. One invocation: one vec4 of dst.
// b1 src: float32 or uint8 (OP 1, read as words: the bound range is a multiple of 4 bytes); the element of image n,
//    channel k and position (d, h, w) of the held box lies at n*x2 + k*x0 + ((d*sh + h)*sw + w)*x1;
//    planar [N][C][sd][sh][sw]: x0 = sd*sh*sw, x1 = 1; interleaved [N][sd][sh][sw][C]: x0 = 1, x1 = C.
// b2 table [C4][2] vec4: scale and bias of a block, if FLAGS bit 0.
// b4 dst [n][c4][d][h][w] vec4; lanes >= channels are 0.
// Push: the box, sd sh sw sd0 sh0 sw0, sc0 (first block held), channels, base, x0 x1 x2.
// Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
STORAGE(1, readonly, uint, src);
STORAGE(2, readonly, vec4, table);
STORAGE(4, writeonly, vec4, dst);

float element(int i) {
  if (OP == 1) return float((src[i >> 2] >> (8 * (i & 3))) & 255u);
  return uintBitsToFloat(src[i]);
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = block() + p.c0;
  int from = image() * p.x2 + ((at.d + p.d0 - p.sd0) * p.sh + at.h + p.h0 - p.sh0) * p.sw * p.x1
    + (at.w + p.w0 - p.sw0) * p.x1;
  vec4 v = vec4(0);
  [[unroll]] for (int i = 0; i < 4; i++)
    if (4 * c + i < p.channels) v[i] = element(from + (4 * (c - p.sc0) + i) * p.x0);
  if ((FLAGS & 1) != 0) v = masked(v * table[2 * c] + table[2 * c + 1], c);
  dst[target(image(), block(), at)] = v;
}
