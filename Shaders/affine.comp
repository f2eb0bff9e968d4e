// y = act((x - t0) * t1 + t2): batch, instance, group and layer normalisation once their table is known. One
// invocation: one vec4. May run in place.
// b1 src; b2 table vec4, t0 t1 t2 of block c (global) of local image n at n*x0 + 3*c (x0 = 0: one table); b4 dst.
// FLAGS bit 0: the box is exactly the held source; then d = h = 1 and w = d*h*w may be pushed. ACT: common/fused.glsl.
// Push: the box, held, channels, a b, x0. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/fused.glsl"
INPUT4(1, src)
INPUT4(2, table)
STORAGE(4, writeonly, vec4, dst);

void main() {
  int i = position(), from, to, row = image() * p.x0 + 3 * (block() + p.c0);
  if ((FLAGS & 1) != 0) {
    if (i >= p.w) return;
    from = to = (image() * p.c4 + block()) * p.w + i;
  } else {
    Place at = placed(i);
    if (!at.inside) return;
    from = source(image(), block() + p.c0, at.d + p.d0, at.h + p.h0, at.w + p.w0);
    to = target(image(), block(), at);
  }
  dst[to] = masked(fused((src(from) - table(row)) * table(row + 1) + table(row + 2)), block() + p.c0);
}
