// Table of a normalisation for affine.comp from statistics of every channel: instance (x0 = 1), group (x0 = channels of
// a group), layer over channels and space (x0 = channels). One invocation: one block of one image.
//   m = mean over the group of mean_c, v = mean over the group of (var_c + (mean_c - m)^2)
// b0 scale [C4] vec4, b2 bias [C4] vec4; b1 mean [n][C4] vec4, b3 variance [n][C4] vec4 (both by reduce.comp);
// b4 dst [n][C4][3] vec4: m, scale / sqrt(v + a), bias; 0 beyond the channels.
// Push: n, c4, channels, a = epsilon, x0. Limit: x0 <= 4096. Grid: x ceil(c4 / 64), y 1, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(0, scale)
INPUT4(1, mean)
INPUT4(2, bias)
INPUT4(3, variance)
STORAGE(4, writeonly, vec4, dst);

void main() {
  int c = position(), row = image() * p.c4;
  if (c >= p.c4) return;
  vec4 m = vec4(0), v = vec4(1);
  for (int r = 0; r < 4; r++) {
    int channel = min(4 * c + r, p.channels - 1), first = channel / p.x0 * p.x0;
    float sum = 0, square = 0;
    for (int k = first; k < first + p.x0; k++) sum += mean(row + k / 4)[k % 4];
    float center = sum / float(p.x0);
    for (int k = first; k < first + p.x0; k++) {
      float off = mean(row + k / 4)[k % 4] - center;
      square += variance(row + k / 4)[k % 4] + off * off;
    }
    m[r] = center;
    v[r] = square / float(p.x0);
  }
  int to = 3 * (row + c);
  dst[to] = masked(m, c);
  dst[to + 1] = masked(scale(c) / sqrt(v + p.a), c);
  dst[to + 2] = masked(bias(c), c);
}
