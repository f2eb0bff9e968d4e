// Depthwise convolution (one input channel a group, one output channel each), and depthwise transposed convolution with
// -DTRANSPOSED. One invocation: one block at TN positions, 64 apart.
//   y[n, c, q] = act(bias[c] + residual + sum over tap of w[c, tap] * x[n, c, from(q) + tap*step])
// b0 weights [C4][KD][KH][KW] vec4, lane r of block c: W[4c + r, 0, kd, kh, kw], 0 beyond C; b1 src; b2 bias [C4] vec4;
// b3 residual, constants ACT and RESIDUAL, x0-x5: common/fused.glsl; b4 dst.
// Push: the box, held, image, a b, x0-x5. Limit: KD*KH*KW <= 32768.
// Grid: x ceil(positions / 256), y c4, z n; transposed: positions = ceil(d/SD)*ceil(h/SH)*ceil(w/SW), z = n*SD*SH*SW.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/taps.glsl"
#include "common/fused.glsl"
INPUT4(0, weights)
INPUT4(1, src)
INPUT4(2, bias)
INPUT4(3, residual)
STORAGE(4, writeonly, vec4, dst);

#define TN 4
#define EACH(t) [[unroll]] for (int t = 0; t < TN; t++)

// Position number t of this invocation.
Place placeOf(int t, Axis ad, Axis ah, Axis aw) {
  int i = ((int(gl_WorkGroupID.x) + p.base) * TN + t) * LOCAL + int(gl_LocalInvocationID.x);
  return phased(i, ad, ah, aw);
}

void main() {
  int n = image() / PHASES, phase = image() % PHASES, c = block() + p.c0;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  ivec3 from[TN];
  bool inside[TN];
  vec4 sum[TN];
  EACH(t) {
    Place at = placeOf(t, ad, ah, aw);
    from[t] = ivec3(tap(ad, at.d, p.d0, SD, PF, DD), tap(ah, at.h, p.h0, SH, PT, DH), tap(aw, at.w, p.w0, SW, PL, DW));
    inside[t] = at.inside;
    sum[t] = vec4(0);
  }
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++) {
      int row[TN];
      bool reached[TN];
      EACH(t) {
        ivec2 q = from[t].xy + ivec2(kd * ad.step, kh * ah.step);
        reached[t] = within(ivec3(q, inside[t] ? 0 : -1));
        row[t] = source(n, c, q.x, q.y, from[t].z);
      }
      int element = ((ad.first + kd * ad.stride) * KH + ah.first + kh * ah.stride) * KW + aw.first;
      for (int kw = 0; kw < aw.count; kw++) {
        vec4 weight = weights(c * KD * KH * KW + element + kw * aw.stride);
        EACH(t) {
          int w = from[t].z + kw * aw.step;
          bool hit = uint(w) < (reached[t] ? uint(p.iw) : 0u);
          sum[t] += weight * mix(vec4(0), src(hit ? row[t] + kw * aw.step : 0), bvec4(hit));
        }
      }
    }
  [[dont_unroll]] for (int t = 0; t < TN; t++) {
    Place at = placeOf(t, ad, ah, aw);
    if (!at.inside) continue;
    vec4 y = PICKED4(sum, t) + bias(c);
    if (RESIDUAL != 0) y += residual(residualIndex(n, block(), at));
    dst[target(n, block(), at)] = fused(y);
  }
}
