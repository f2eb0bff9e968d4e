// Resize by host tables with any number of taps (antialiased): as resize.comp, with the same formula.
// b1 src; b2 table: for the positions of the box along d, then h, then w, ceil(T/2) vec4 each (T taps of that axis):
// index, weight, index, weight, indices global and exact in float; b4 dst.
// Constants 16 TD, 17 TH, 18 TW: taps, 0 where an axis keeps its size. Push: the box, held. Limit: TD*TH*TW <= 16384.
// Grid: x ceil(d*h*w / 64), y c4, z n. Lanes beyond C: as the source's.
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

const int ED = (TD + 1) / 2, EH = (TH + 1) / 2, EW = (TW + 1) / 2;

// Index and weight of tap t of the entry that begins at `start`; `kept` where there is none.
vec2 tap(int taps, int start, int t, int kept) {
  if (taps == 0) return vec2(float(kept), 1);
  vec4 two = table(start + (t >> 1));
  return (t & 1) == 0 ? two.xy : two.zw;
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int rd = ED * at.d, rh = ED * p.d + EH * at.h, rw = ED * p.d + EH * p.h + EW * at.w;
  vec4 y = vec4(0);
  for (int i = 0; i < max(1, TD); i++) {
    vec2 d = tap(TD, rd, i, at.d + p.d0);
    vec4 plane = vec4(0);
    for (int j = 0; j < max(1, TH); j++) {
      vec2 h = tap(TH, rh, j, at.h + p.h0);
      vec4 row = vec4(0);
      for (int k = 0; k < max(1, TW); k++) {
        vec2 w = tap(TW, rw, k, at.w + p.w0);
        vec4 x = src(source(image(), block() + p.c0, int(d.x), int(h.x), int(w.x)));
        row = TW > 1 ? row + w.y * x : x;
      }
      plane = TH > 1 ? plane + h.y * row : row;
    }
    y = TD > 1 ? y + d.y * plane : plane;
  }
  dst[target(image(), block(), at)] = y;
}
