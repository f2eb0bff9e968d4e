// Reduction over some spatial axes: OP 0 sum, 1 mean, 2 maximum, 3 minimum, 4 sum of squares, 5 sum of magnitudes,
// 6 square root of the sum of squares (NaN propagates). Sums are compensated (Kahan), in raster order.
// One invocation: one vec4 of dst. b1 src; b4 dst.
// Push: the box, in which reduced axes are 0 to 1; held, channels; x0 x1 x2 = extents d h w that are reduced, 1 along
// axes that are kept. Limit: x0 * x1 * x2 <= 32768. Grid: x ceil(d*h*w / 64), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/sums.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  precise vec4 all = vec4(0);
  if (OP == 2) all = vec4(uintBitsToFloat(0xff800000u));
  if (OP == 3) all = vec4(uintBitsToFloat(0x7f800000u));
  precise vec4 lost = vec4(0);
  int corner = source(image(), block() + p.c0, at.d + p.d0, at.h + p.h0, at.w + p.w0);
  int count = p.x0 * p.x1 * p.x2, d = 0, h = 0, w = 0;
  for (int k = 0; k < count; k++) {
    vec4 x = src(corner + (d * p.sh + h) * p.sw + w);
    if (++w == p.x2) {
      w = 0;
      if (++h == p.x1) {
        h = 0;
        d++;
      }
    }
    if (OP == 2) {
      all = mix(all, x, bvec4(uvec4(greaterThan(x, all)) | uvec4(isnan(x))));
    } else if (OP == 3) {
      all = mix(all, x, bvec4(uvec4(lessThan(x, all)) | uvec4(isnan(x))));
    } else {
      x = OP == 4 || OP == 6 ? x * x : OP == 5 ? abs(x) : x;
      precise vec4 y = x - lost;
      precise vec4 next = all + y;
      lost = compensation(all, y, next);
      all = next;
    }
  }
  vec4 y = OP == 1 ? all / float(count) : OP == 6 ? sqrt(all) : all;
  dst[target(image(), block(), at)] = masked(y, block() + p.c0);
}
