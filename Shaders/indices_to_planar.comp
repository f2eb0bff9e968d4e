// Indices of maxima in quads to ONNX's flat indices in planar order. One invocation: the four channels of one position.
// b1 src uvec4 [n][sc4][sd][sh][sw]: places in the plane of the pooled image, as pool.comp writes them.
// b4 dst, 64-bit integers, low word first: (image*C + channel)*x3 + place, at local n*x2 + k*x0 + (d*h + h)*w + w of the
//    box, k counted from 4*c0; x3 = positions of the pooled image, x4 = the first image (global).
// Push: the box, the held source, channels (C), base, x0 x2 x3 x4. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
STORAGE(1, readonly, uvec4, src);
STORAGE(4, writeonly, uvec2, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = block() + p.c0;
  uvec4 v = src[source(image(), c, at.d + p.d0, at.h + p.h0, at.w + p.w0)];
  int to = image() * p.x2 + (at.d * p.h + at.h) * p.w + at.w + 4 * block() * p.x0;
  [[unroll]] for (int i = 0; i < 4; i++) {
    if (4 * c + i >= p.channels) break;
    uint high, low, carry;
    umulExtended(uint((image() + p.x4) * p.channels + 4 * c + i), uint(p.x3), high, low);
    low = uaddCarry(low, v[i], carry);
    dst[to + i * p.x0] = uvec2(low, high + carry);
  }
}
