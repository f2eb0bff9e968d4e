// Cells of F(4x4, 3x3): their place, and the transforms (Lavin and Gray 2016; points as in
// Sources/CFCNKernels/cells.inc).
#ifndef CELLS_GLSL
#define CELLS_GLSL

const float WA = 0.70710678118654752440, WB = 1.41421356237309504880;

struct Cell { int n, d, h, w; };  // d local; h, w: global row and column of the first output

// Outputs of a cell are `apart` rows (dilation) from each other: of each 4*apart rows the cells of one phase after the
// other.
int firstOf(int number, int apart) {
  if (apart == 1) return 4 * number;
  int whole = divided(number, apart);
  return 4 * apart * whole + number - whole * apart;
}

Cell cellOf(int i) {
  int line = divided(i, p.x3), slice = divided(line, p.x2);
  Cell at;
  at.w = firstOf(p.x5 + i - line * p.x3, DW);
  at.h = firstOf(p.x4 + line - slice * p.x2, DH);
  at.n = divided(slice, p.d);
  at.d = slice - at.n * p.d;
  return at;
}

void cellB(vec4 d[6], out vec4 v[6]) {
  vec4 e1 = d[4] - 2.0 * d[2], o1 = WA * (d[3] - 2.0 * d[1]), e2 = d[4] - 0.5 * d[2], o2 = WB * (d[3] - 0.5 * d[1]);
  v[0] = d[0] + d[4] - 2.5 * d[2];
  v[1] = e1 + o1;
  v[2] = e1 - o1;
  v[3] = e2 + o2;
  v[4] = e2 - o2;
  v[5] = d[1] + d[5] - 2.5 * d[3];
}

void cellA(vec4 m[6], out vec4 y[4]) {
  vec4 s1 = m[1] + m[2], t1 = m[1] - m[2], s2 = m[3] + m[4], t2 = m[3] - m[4];
  y[0] = m[0] + s1 + s2;
  y[1] = WA * t1 + WB * t2;
  y[2] = 0.5 * s1 + 2.0 * s2;
  y[3] = 0.5 * WA * t1 + 2.0 * WB * t2 + m[5];
}

#endif
