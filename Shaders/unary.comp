// y = f(x), f by OP (common/activation.glsl), parameters a and b. One invocation: one vec4. May run in place.
// b1 src [n][sc4][sd][sh][sw] vec4; b4 dst [n][c4][d][h][w] vec4; lanes >= channels are 0.
// FLAGS bit 0: the box is exactly the held source; then d = h = 1 and w = d*h*w may be pushed, no coordinates are made.
// Push: the box, the held source, channels, base, a b. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/activation.glsl"
#include "common/inverse.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

vec4 applied(vec4 x) {
  switch (OP) {
  case 30: return sin(x);
  case 31: return cos(x);
  case 32: return tan(x);
  case 33: return asinOf(x);
  case 34: return acosOf(x);
  case 35: return atanOf(x);
  case 36: return sinhOf(x);
  case 37: return coshOf(x);
  case 38: return asinhOf(x);
  case 39: return acoshOf(x);
  case 40: return atanhOf(x);
  default: return activated(x, OP, p.a, p.b);
  }
}

void main() {
  int i = position(), from, to;
  if ((FLAGS & 1) != 0) {
    if (i >= p.w) return;
    from = to = (image() * p.c4 + block()) * p.w + i;
  } else {
    Place at = placed(i);
    if (!at.inside) return;
    from = source(image(), block() + p.c0, at.d + p.d0, at.h + p.h0, at.w + p.w0);
    to = target(image(), block(), at);
  }
  dst[to] = masked(applied(src(from)), block() + p.c0);
}
