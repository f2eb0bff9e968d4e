// Reduction over channels at every position: OP 0 sum, 1 mean, 2 maximum, 3 minimum, 4 sum of squares, 5 sum of
// magnitudes, 6 square root of the sum of squares (NaN propagates).
// One invocation: one position. b1 src; b4 dst [n][1][d][h][w] vec4, lane 0 the result, the others 0.
// Push: the box (c4 = blocks of src, channels = channels of src), held. Limit: c4 <= 32768.
// Grid: x ceil(d*h*w / 64), y 1, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

vec4 joined(vec4 l, vec4 r) {
  if (OP == 2) return mix(l, r, bvec4(uvec4(greaterThan(r, l)) | uvec4(isnan(r))));
  if (OP == 3) return mix(l, r, bvec4(uvec4(lessThan(r, l)) | uvec4(isnan(r))));
  return l + r;
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int from = source(image(), 0, at.d + p.d0, at.h + p.h0, at.w + p.w0), plane = p.sd * p.sh * p.sw;
  vec4 neutral = OP == 2 ? vec4(uintBitsToFloat(0xff800000u)) : OP == 3 ? vec4(uintBitsToFloat(0x7f800000u)) : vec4(0);
  vec4 all = neutral;
  for (int c = 0; c < p.c4; c++) {
    vec4 x = src(from + c * plane);
    x = OP == 4 || OP == 6 ? x * x : OP == 5 ? abs(x) : x;
    all = joined(all, mix(neutral, x, lessThan(4 * c + ivec4(0, 1, 2, 3), ivec4(p.channels))));
  }
  float y = joined(joined(all.xxxx, all.yyyy), joined(all.zzzz, all.wwww)).x;
  y = OP == 1 ? y / float(p.channels) : OP == 6 ? sqrt(y) : y;
  dst[((image() * p.d + at.d) * p.h + at.h) * p.w + at.w] = vec4(y, 0, 0, 0);
}
