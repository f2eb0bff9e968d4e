// Pad, crop, strided slice, repetition and placing over space: y[o] = x[q], q = o*S + offset per axis (o, q global).
// One invocation: one vec4 of dst.
// Outside the image, OP 0: the constant a; 1: reflected without the edge; 2: the edge; 3: wrapped around;
// 4: repeated, for q >= 0. FLAGS 1: dst is larger than the box: x4 x5 x6 are its extents d h w, the box begins at x3.
// b1 src; b4 dst. Constants 2 3 12: strides SH SW SD, of any sign; 0: expanded. Push: the box, held, image, channels,
// a, x0 x1 x2: offsets d h w (pad: minus the pads before; slice: the starts). Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

int reached(int q, int count) {
  if (OP == 1) q = q < 0 ? -q : q >= count ? 2 * (count - 1) - q : q;
  if (OP == 3) q = q < 0 ? q + count : q >= count ? q - count : q;
  if (OP == 4) q -= count * divided(q, count);
  return clamp(q, 0, count - 1);
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  ivec3 q = ivec3(at.d + p.d0, at.h + p.h0, at.w + p.w0) * ivec3(SD, SH, SW) + ivec3(p.x0, p.x1, p.x2);
  ivec3 r = ivec3(reached(q.x, p.id), reached(q.y, p.ih), reached(q.z, p.iw));
  bool hit = OP != 0 || q == r;
  vec4 v = src(hit ? source(image(), block() + p.c0, r.x, r.y, r.z) : 0);
  int to = (FLAGS & 1) == 0 ? target(image(), block(), at)
    : (((image() * p.c4 + block()) * p.x4 + at.d) * p.x5 + at.h) * p.x6 + at.w + p.x3;
  dst[to] = masked(hit ? v : vec4(p.a), block() + p.c0);
}
