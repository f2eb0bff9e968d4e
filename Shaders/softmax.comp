// Softmax over channels, y = exp(x - max) / sum exp(x - max); FLAGS bit 0: log-softmax, x - max - log(sum). One
// invocation: one position, all channels. May run in place.
// b1 src; b4 dst. Push: the box (all channels: c0 = sc0 = 0), held. Limit: 3*c4 <= 32768.
// Grid: x ceil(d*h*w / 64), y 1, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/elementary.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

bvec4 real(int c) { return lessThan(4 * c + ivec4(0, 1, 2, 3), ivec4(p.channels)); }

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int from = source(image(), 0, at.d + p.d0, at.h + p.h0, at.w + p.w0), to = target(image(), 0, at);
  int plane = p.sd * p.sh * p.sw, step = p.d * p.h * p.w;
  vec4 top = vec4(-INFINITY), sum = vec4(0);
  for (int c = 0; c < p.c4; c++) top = max(top, mix(vec4(-INFINITY), src(from + c * plane), real(c)));
  float peak = max(max(top.x, top.y), max(top.z, top.w));
  for (int c = 0; c < p.c4; c++) sum += mix(vec4(0), expOf(src(from + c * plane) - peak), real(c));
  float total = sum.x + sum.y + sum.z + sum.w, logarithm = logOf(vec4(total)).x;
  for (int c = 0; c < p.c4; c++) {
    vec4 x = src(from + c * plane);
    vec4 y = (FLAGS & 1) != 0 ? x - peak - logarithm : expOf(x - peak) / total;
    dst[to + c * step] = masked(y, c);
  }
}
