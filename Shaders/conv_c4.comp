// Convolution, and transposed convolution by phase with -DTRANSPOSED, in any kernel, stride, dilation and pads, 3-D,
// groups of 4i input and 8j output channels. One invocation: 8 output channels at TN positions (LOCAL apart; constant
// 19, a multiple of 8, default 64).
//   y[n, o, q] = act(bias[o] + residual + sum over tap, i of w[o, i, tap] * x[n, i, from(q) + tap*step])
// b0 weights [ceil(C/8)][KD][KH][KW][I][4][2] vec4 (I: input blocks of a group): lane r of vec4
//    (B, kd, kh, kw, i, j, s) is W[o = 8B + 4s + r, input channel 4i + j of the group, kd, kh, kw], 0 beyond C or the
//    group's channels (transposed: of W[i, o, ...]); b1 src; b2 bias; b3 residual (common/fused.glsl); b4 dst.
// The 8 vec4 of a tap and an input block are loaded by 8 lanes and spread by subgroupShuffle (subgroup >= 8, full);
// -DPLAIN: every lane loads all of them, any subgroup size.
// Push: the box, held, image, a b, x0-x5 residual, x6 = I, x7 = blocks of 8 output channels in a group; c0 even.
// FLAGS bit 0: I = 1, no loop over input blocks.
// Grid: x ceil(positions / (LOCAL*TN)), y ceil(c4/2), z n; transposed: positions = ceil(d/SD)*ceil(h/SH)*ceil(w/SW) and
// z = n*SD*SH*SW. Limit: KD*KH*KW*I <= 32768. Lanes beyond C: 0 through zero weights and bias, then act and residual.
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
#include "common/taps.glsl"
#include "common/fused.glsl"
INPUT4(0, weights)
INPUT4(1, src)
INPUT4(2, bias)
INPUT4(3, residual)
STORAGE(4, writeonly, vec4, dst);

#define EACH(t) [[unroll]] for (int t = 0; t < TN; t++)

// Position number t of this invocation.
Place placeOf(int t, Axis ad, Axis ah, Axis aw) {
  int i = ((int(gl_WorkGroupID.x) + p.base) * TN + t) * LOCAL + int(gl_LocalInvocationID.x);
  return phased(i, ad, ah, aw);
}

void main() {
  int n = image() / PHASES, phase = image() % PHASES, block8 = block() + p.c0 / 2;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  ivec3 from[TN];
  bool inside[TN];
  vec4 sum[2][TN];
  EACH(t) {
    Place at = placeOf(t, ad, ah, aw);
    from[t] = ivec3(tap(ad, at.d, p.d0, SD, PF, DD), tap(ah, at.h, p.h0, SH, PT, DH), tap(aw, at.w, p.w0, SW, PL, DW));
    inside[t] = at.inside;
    sum[0][t] = sum[1][t] = vec4(0);
  }
  int first = block8 / p.x7 * p.x6, plane = p.sd * p.sh * p.sw;
  int blocks = (FLAGS & 1) != 0 ? 1 : p.x6;
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++) {
      int row[TN];
      bool reached[TN];
      EACH(t) {
        ivec2 q = from[t].xy + ivec2(kd * ad.step, kh * ah.step);
        reached[t] = within(ivec3(q, inside[t] ? 0 : -1));
        row[t] = source(n, first, q.x, q.y, from[t].z);
      }
      for (int kw = 0; kw < aw.count; kw++) {
        int index[TN];
        bvec4 hit[TN];
        EACH(t) {
          int w = from[t].z + kw * aw.step;
          bool ok = uint(w) < (reached[t] ? uint(p.iw) : 0u);
          hit[t] = bvec4(ok);
          index[t] = ok ? row[t] + kw * aw.step : 0;
        }
        int element = (ad.first + kd * ad.stride) * KH * KW + (ah.first + kh * ah.stride) * KW + aw.first
          + kw * aw.stride;
        int w8 = (block8 * KD * KH * KW + element) * p.x6 * 8;
        for (int i = 0; i < blocks; i++, w8 += 8) {
#ifdef PLAIN
#define W(k) weights(w8 + k)
#else
          vec4 ww = weights(w8 + int(gl_SubgroupInvocationID & 7u));
#define W(k) subgroupShuffle(ww, k)
#endif
          vec4 x[TN];
          EACH(t) {
            x[t] = mix(vec4(0), src(index[t]), hit[t]);
            index[t] += hit[t].x ? plane : 0;
          }
          [[unroll]] for (int j = 0; j < 4; j++)
            [[unroll]] for (int s = 0; s < 2; s++) {
              vec4 w = W(2 * j + s);
              EACH(t) sum[s][t] += w * x[t][j];
            }
        }
      }
    }
  [[dont_unroll]] for (int t = 0; t < TN; t++) {
    Place at = placeOf(t, ad, ah, aw);
    [[unroll]] for (int s = 0; s < 2; s++) {
      int c = 2 * block() + s;
      if (at.inside && c < p.c4) {
        vec4 y = PICKED4(sum[s], t) + bias(c + p.c0);
        if (RESIDUAL != 0) y += residual(residualIndex(n, c, at));
        dst[target(n, c, at)] = fused(y);
      }
    }
  }
}
