// Max unpooling by gather: an output takes the value of the last window (in raster order) whose index is its place,
// else 0. One invocation: one vec4 of dst.
// b1 src (pooled values); b3 indices uvec4: that of window (d, h, w) (global) of block c (global) of local image n lies
// at x3 + n*x4 + c*x5 + d*x6 + h*x7 + w: a place (d*x1 + h)*x2 + w in the whole output's plane, with its extents x0 (d),
// x1 (h), x2 (w); b4 dst.
// Only the windows that cover the output are searched, o*S - P <= place < o*S - P + K, so indices must be those of a
// pooling with the same kernel, stride and pads (dilation 1); others are for the CPU.
// Push: the box, held, image (of src), x0-x7. Grid: x ceil(d*h*w / 64), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
#ifdef TEX
INPUT4(3, indices)
#define INDEX(i) floatBitsToUint(indices(i))
#else
STORAGE(3, readonly, uvec4, indices);
#define INDEX(i) indices[i]
#endif
STORAGE(4, writeonly, vec4, dst);

// Windows that cover place q: first, and the one after the last.
ivec2 covering(int q, int K, int S, int P, int count) {
  int first = q + P - K + 1;
  return ivec2(first <= 0 ? 0 : (first + S - 1) / S, min(count, (q + P) / S + 1));
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int d = at.d + p.d0, h = at.h + p.h0, w = at.w + p.w0;
  uvec4 place = uvec4((d * p.x1 + h) * p.x2 + w);
  ivec2 rd = covering(d, KD, SD, PF, p.id), rh = covering(h, KH, SH, PT, p.ih), rw = covering(w, KW, SW, PL, p.iw);
  vec4 y = vec4(0);
  for (int z = rd.x; z < rd.y; z++)
    for (int r = rh.x; r < rh.y; r++)
      for (int q = rw.x; q < rw.y; q++) {
        int from = source(image(), block() + p.c0, z, r, q);
        int with = p.x3 + image() * p.x4 + (block() + p.c0) * p.x5 + z * p.x6 + r * p.x7 + q;
        y = mix(y, src(from), equal(INDEX(with), place));
      }
  dst[target(image(), block(), at)] = masked(y, block() + p.c0);
}
