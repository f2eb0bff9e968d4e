// Index of the largest (OP 0) or smallest (OP 1) channel, the first of equals or, with FLAGS bit 0, the last; the first
// NaN beats all numbers. One invocation: one position.
// b1 src; b4 dst planar [n][d][h][w] of 64-bit integers, low word first.
// Push: the box (all channels; channels = those of src), held. Limit: c4 <= 8192. Grid: x ceil(d*h*w / 64), y 1, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, uvec2, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int from = source(image(), 0, at.d + p.d0, at.h + p.h0, at.w + p.w0), plane = p.sd * p.sh * p.sw;
  float best = OP == 0 ? src(from).x : -src(from).x;
  uint index = 0;
  for (int c = 0; c < p.c4; c++) {
    vec4 x = OP == 0 ? src(from + c * plane) : -src(from + c * plane);
    [[unroll]] for (int i = 0; i < 4; i++) {
      bool better = x[i] > best || (isnan(x[i]) && !isnan(best)) || (x[i] == best && (FLAGS & 1) != 0);
      better = better && 4 * c + i < p.channels;
      best = better ? x[i] : best;
      index = better ? uint(4 * c + i) : index;
    }
  }
  dst[((image() * p.d + at.d) * p.h + at.h) * p.w + at.w] = uvec2(index, 0);
}
