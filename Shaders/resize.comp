// Resize by host tables: a separable gather of TD x TH x TW taps (1 nearest, 2 linear, 4 cubic; 0 where an axis keeps
// its size: no table is read for it). One invocation: one vec4 of dst.
//   y = sum over i of wd[i] * (sum over j of wh[j] * (sum over k of ww[k] * x[id[i], ih[j], iw[k]]))
// b1 src; b2 table [d + h + w][2] vec4, for the positions of the box along d, then h, then w: four indices (global
// coordinates of the source image, exact in float: below 2^24) and four weights; b4 dst.
// Constants 16 TD, 17 TH, 18 TW. Push: the box, held. Grid: x ceil(d*h*w / 64), y c4, z n. Lanes beyond C: as the
// source's.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
layout(constant_id = 16) const int TD = 1;
layout(constant_id = 17) const int TH = 1;
layout(constant_id = 18) const int TW = 1;
INPUT4(1, src)
INPUT4(2, table)
STORAGE(4, writeonly, vec4, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int rd = 2 * at.d, rh = 2 * (p.d + at.h), rw = 2 * (p.d + p.h + at.w);
  ivec4 id = TD > 0 ? ivec4(table(rd)) : ivec4(at.d + p.d0), ih = TH > 0 ? ivec4(table(rh)) : ivec4(at.h + p.h0);
  ivec4 iw = TW > 0 ? ivec4(table(rw)) : ivec4(at.w + p.w0);
  vec4 wd = TD > 1 ? table(rd + 1) : vec4(1), wh = TH > 1 ? table(rh + 1) : vec4(1);
  vec4 ww = TW > 1 ? table(rw + 1) : vec4(1), y = vec4(0);
  for (int i = 0; i < max(1, TD); i++) {
    vec4 plane = vec4(0);
    for (int j = 0; j < max(1, TH); j++) {
      vec4 row = vec4(0);
      for (int k = 0; k < max(1, TW); k++) {
        vec4 x = src(source(image(), block() + p.c0, id[i], ih[j], iw[k]));
        row = TW > 1 ? row + ww[k] * x : x;
      }
      plane = TH > 1 ? plane + wh[j] * row : row;
    }
    y = TD > 1 ? y + wd[i] * plane : plane;
  }
  dst[target(image(), block(), at)] = y;
}
