// One stage of a reduction over space. One workgroup: x0 positions of one block, by 64 invocations.
// OP 0 sum, 1 maximum, 2 minimum (NaN propagates), 3 sum of (x - mean)^2 with b3 mean [n][c4] vec4; the result is
// multiplied by a (1, or 1/count for means in the last stage). Sums are compensated (Kahan), then added in a tree.
// b1 src; b4 dst [n][c4][chunks] vec4, which is the source of the next stage (a map with d = h = 1, w = sw = chunks).
// Push: n c4 d h w d0 h0 w0 c0: the box of the *source* that is reduced; held, channels, a,
// x0: positions of a chunk, a multiple of 64, at most 16384; x1 = chunks = ceil(d*h*w / x0). Lanes beyond C: 0.
// Grid: x chunks, y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/sums.glsl"
INPUT4(1, src)
INPUT4(3, mean)
STORAGE(4, writeonly, vec4, dst);
shared vec4 part[LOCAL];

vec4 joined(vec4 l, vec4 r) {
  if (OP == 1) return mix(l, r, bvec4(uvec4(greaterThan(r, l)) | uvec4(isnan(r))));
  if (OP == 2) return mix(l, r, bvec4(uvec4(lessThan(r, l)) | uvec4(isnan(r))));
  return l + r;
}

void main() {
  int lane = int(gl_LocalInvocationID.x), chunk = int(gl_WorkGroupID.x) + p.base, total = p.d * p.h * p.w;
  vec4 neutral = OP == 1 ? vec4(uintBitsToFloat(0xff800000u)) : OP == 2 ? vec4(uintBitsToFloat(0x7f800000u)) : vec4(0);
  vec4 center = OP == 3 ? mean(image() * p.c4 + block()) : vec4(0);
  precise vec4 all = neutral, lost = vec4(0);
  for (int k = lane; k < p.x0; k += LOCAL) {
    int i = chunk * p.x0 + k;
    Place at = placed(i);
    vec4 x = src(source(image(), block() + p.c0, at.d + p.d0, at.h + p.h0, at.w + p.w0)) - center;
    x = mix(neutral, OP == 3 ? x * x : x, bvec4(i < total));
    if (OP == 1 || OP == 2) {
      all = joined(all, x);
    } else {
      precise vec4 y = x - lost;
      precise vec4 next = all + y;
      lost = compensation(all, y, next);
      all = next;
    }
  }
  part[lane] = all;
  barrier();
  for (int reach = LOCAL / 2; reach > 0; reach /= 2) {
    if (lane < reach) part[lane] = joined(part[lane], part[lane + reach]);
    barrier();
  }
  if (lane == 0) dst[(image() * p.c4 + block()) * p.x1 + chunk] = masked(part[0] * p.a, block() + p.c0);
}
