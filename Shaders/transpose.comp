// Any permutation of (n, c, d, h, w). One invocation: one vec4 of dst, its lanes fetched one by one.
// y[o] = x[q], q[from i] = o[i]: constant 16 + i names the axis of src that becomes axis i of dst (n 0, c 1,
// d 2, h 3, w 4). b1 src; b4 dst. Push: the box, held, channels. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
layout(constant_id = 16) const int FROM_N = 0;
layout(constant_id = 17) const int FROM_C = 1;
layout(constant_id = 18) const int FROM_D = 2;
layout(constant_id = 19) const int FROM_H = 3;
layout(constant_id = 20) const int FROM_W = 4;
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

// The coordinate of dst that is axis i of src.
int along(int i, int n, int c, int d, int h, int w) {
  return FROM_N == i ? n : FROM_C == i ? c : FROM_D == i ? d : FROM_H == i ? h : w;
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int n = image(), d = at.d + p.d0, h = at.h + p.h0, w = at.w + p.w0;
  vec4 v = vec4(0);
  [[unroll]] for (int i = 0; i < 4; i++) {
    int c = min(4 * (block() + p.c0) + i, p.channels - 1), k = along(1, n, c, d, h, w);
    v[i] = src(source(along(0, n, c, d, h, w), k / 4, along(2, n, c, d, h, w), along(3, n, c, d, h, w),
                      along(4, n, c, d, h, w)))[k & 3];
  }
  dst[target(n, block(), at)] = masked(v, block() + p.c0);
}
