// Last step of Winograd convolution: y = A' m A of a cell, with bias, residual and activation. One invocation: the 4x4
// outputs of one cell in one output block, kept inside the box.
// b1 m [36][x7*2][count] vec4; b2 bias; b3 residual, held as the push block says of the source (it may be dst); b4 dst.
// Cells of the chunk: as winograd_in (x0-x5). x7 = ceil(C/8). Push: the box, held of the residual, a b, x0-x5, x7.
// DH, DW: how far outputs of a cell are apart. ACT, RESIDUAL: fused.glsl.
// Grid: x ceil(count / 64), y c4, z 1.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/fused.glsl"
#include "common/cells.glsl"
INPUT4(1, src)
INPUT4(2, bias)
INPUT4(3, residual)
STORAGE(4, writeonly, vec4, dst);

void main() {
  int i = position(), c = block();
  if (i >= p.x1) return;
  Cell at = cellOf(p.x0 + i);
  vec4 u[6][4];  // [column][row]
  int plane = 2 * p.x7 * p.x1, from = (c + p.c0) * p.x1 + i;
  [[unroll]] for (int col = 0; col < 6; col++) {
    vec4 m[6], y[4];
    [[unroll]] for (int row = 0; row < 6; row++) m[row] = src(from + (6 * row + col) * plane);
    cellA(m, y);
    [[unroll]] for (int row = 0; row < 4; row++) u[col][row] = y[row];
  }
  vec4 offset = bias(c + p.c0);
  [[dont_unroll]] for (int row = 0; row < 4; row++) {
    vec4 m[6], y[4];
    [[unroll]] for (int col = 0; col < 6; col++) m[col] = PICKED4(u[col], row);
    cellA(m, y);
    [[dont_unroll]] for (int col = 0; col < 4; col++) {
      int h = at.h + row * DH - p.h0, w = at.w + col * DW - p.w0;
      if (h < 0 || h >= p.h || w < 0 || w >= p.w) continue;
      int to = (((at.n * p.c4 + c) * p.d + at.d) * p.h + h) * p.w + w;
      vec4 v = PICKED4(y, col) + offset;
      if (RESIDUAL != 0) v += residual(source(at.n, c + p.c0, at.d + p.d0, h + p.h0, w + p.w0));
      dst[to] = fused(v);
    }
  }
}
