// Second step of Winograd convolution: m[f][o][t] = sum over i of u[f][o][i] * v[f][i][t]. One invocation: 8 output
// channels of TN cells (LOCAL apart; constant 19, default 64).
// b0 u [36][ceil(C/8)][I][4][2] vec4: lane r of (f, B, i, j, s) = (G W G')[8B + 4s + r, 4i + j] at frequency
//    f = 6a + b, 0 beyond C or the input channels; G: rows (1, 0, 0), -2/3 (1, +-a, 1/2), 1/6 (1, +-b, 2), (0, 0, 1)
//    with a = sqrt(1/2), b = sqrt(2); computed in float64, rounded once.
//    Bound from frequency x0 on: where all 36 are more than a binding, a dispatch multiplies some of them.
// b1 v [36][I][count] vec4; b4 m [36][ceil(C/8)*2][count] vec4.
// The 8 vec4 of an input block are spread by subgroupShuffle (subgroup >= 8, full); -DPLAIN: no subgroups.
// Push: x0 = first frequency, x1 = count, x6 = I, x7 = ceil(C/8), base. Grid: x ceil(count / (LOCAL*TN)), y x7,
// z frequencies. Limit: I <= 32768.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifndef PLAIN
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
#define LOCAL_BY_CONSTANT
#define TN 4
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(0, weights)
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

#define EACH(t) [[unroll]] for (int t = 0; t < TN; t++)

void main() {
  int cell[TN], index[TN];
  vec4 sum[TN][2];
  int f = p.x0 + image();
  EACH(t) {
    cell[t] = ((int(gl_WorkGroupID.x) + p.base) * TN + t) * LOCAL + int(gl_LocalInvocationID.x);
    index[t] = f * p.x6 * p.x1 + min(cell[t], p.x1 - 1);
    sum[t][0] = sum[t][1] = vec4(0);
  }
  int w8 = (image() * p.x7 + block()) * p.x6 * 8;
  for (int i = 0; i < p.x6; i++, w8 += 8) {
#ifdef PLAIN
#define W(k) weights(w8 + k)
#else
    vec4 ww = weights(w8 + int(gl_SubgroupInvocationID & 7u));
#define W(k) subgroupShuffle(ww, k)
#endif
    vec4 x[TN];
    EACH(t) {
      x[t] = src(index[t]);
      index[t] += p.x1;
    }
    [[unroll]] for (int j = 0; j < 4; j++)
      [[unroll]] for (int s = 0; s < 2; s++) {
        vec4 w = W(2 * j + s);
        EACH(t) sum[t][s] += w * x[t][j];
      }
  }
  EACH(t)
    [[unroll]] for (int s = 0; s < 2; s++)
      if (cell[t] < p.x1) dst[((f * p.x7 + block()) * 2 + s) * p.x1 + cell[t]] = sum[t][s];
}
