// First step of convolution with 3x3 taps of stride 1 by F(4x4, 3x3): v = B' x B of the 6x6 patches of input. One
// invocation: one cell of 4x4 outputs in one input block at one tap along depth. Rows and columns of a cell are DH and
// DW apart: each phase of the dilation has cells of its own. Cells lie on global multiples of 4*DH and 4*DW of the
// output, so bits do not depend on the box. Points 0, +-a, +-b, infinity with a = sqrt(1/2), b = sqrt(2); B, A, G:
// Sources/CFCNKernels/cells.inc.
// b1 src; b4 v [36][x6][count] vec4: frequency 6i + j, input block kd*sc4 + c of x6 = KD*sc4, cell of the chunk.
// Cells of the chunk: x0 (first) to x0 + x1 - 1 (x1 = count) in raster order of [n][d][rows x2][columns x3] cells; the
// first row is x4, the first column x5 (global, in cells): x4 = DH*floor(h0/4DH), x2 = DH*ceil((h0 + h)/4DH) - x4,
// likewise w.
// The held box must contain all that these cells read inside the image: grain 4*DH and 4*DW (every output of a cell
// depends on all of its inputs, in its rounding).
// Constants PT, PL, DH, DW, and KD, SD, PF, DD along depth. Push: box origin d0, d, held, image, x0-x6.
// Grid: x ceil(count / 64), y x6, z 1.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/cells.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

void main() {
  int i = position(), c = block();
  if (i >= p.x1) return;
  Cell at = cellOf(p.x0 + i);
  vec4 t[6][6];  // [column][row]
  int kd = KD == 1 ? 0 : divided(c, p.sc4), d = (at.d + p.d0) * SD - PF + kd * DD;
  bool deep = uint(d) < uint(p.id);
  int corner = source(at.n, c - kd * p.sc4 + p.sc0, d, at.h - PT, at.w - PL);
  [[unroll]] for (int col = 0; col < 6; col++) {
    vec4 x[6];
    [[unroll]] for (int row = 0; row < 6; row++) {
      bool hit = deep && all(lessThan(uvec2(at.h + row * DH - PT, at.w + col * DW - PL), uvec2(p.ih, p.iw)));
      x[row] = mix(vec4(0), src(hit ? corner + row * DH * p.sw + col * DW : 0), bvec4(hit));
    }
    vec4 v[6];
    cellB(x, v);
    [[unroll]] for (int row = 0; row < 6; row++) t[col][row] = v[row];
  }
  int plane = p.x6 * p.x1, to = c * p.x1 + i;
  [[dont_unroll]] for (int row = 0; row < 6; row++) {
    vec4 x[6], v[6];
    [[unroll]] for (int col = 0; col < 6; col++) x[col] = PICKED6(t[col], row);
    cellB(x, v);
    [[unroll]] for (int col = 0; col < 6; col++) dst[to + (6 * row + col) * plane] = v[col];
  }
}
