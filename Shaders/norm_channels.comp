// Layer normalisation over the channels of every position: y = (x - m) / sqrt(v + a) * scale + bias, m and v mean and
// variance over channels. One invocation: one position. May run in place.
// b0 scale [C4] vec4; b1 src; b2 bias [C4] vec4; b4 dst. Push: the box (all channels), held, channels, a = epsilon.
// Limit: 3*c4 <= 32768. Grid: x ceil(d*h*w / 64), y 1, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(0, scale)
INPUT4(1, src)
INPUT4(2, bias)
STORAGE(4, writeonly, vec4, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int from = source(image(), 0, at.d + p.d0, at.h + p.h0, at.w + p.w0), to = target(image(), 0, at);
  int plane = p.sd * p.sh * p.sw, step = p.d * p.h * p.w;
  vec4 sum = vec4(0), square = vec4(0);
  for (int c = 0; c < p.c4; c++) sum += masked(src(from + c * plane), c);
  float m = (sum.x + sum.y + sum.z + sum.w) / float(p.channels);
  for (int c = 0; c < p.c4; c++) {
    vec4 off = masked(src(from + c * plane) - m, c);
    square += off * off;
  }
  float v = (square.x + square.y + square.z + square.w) / float(p.channels), r = 1.0 / sqrt(v + p.a);
  for (int c = 0; c < p.c4; c++) dst[to + c * step] = masked((src(from + c * plane) - m) * r * scale(c) + bias(c), c);
}
