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

void main() {
  int n = image() / PHASES, phase = image() % PHASES, c = block() + p.c0;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  Place at[TN];
  ivec3 from[TN];
  vec4 sum[TN];
  EACH(t) {
    int i = ((int(gl_WorkGroupID.x) + p.base) * TN + t) * LOCAL + int(gl_LocalInvocationID.x);
    at[t].inside = i < ad.places * ah.places * aw.places;
    i = at[t].inside ? i : 0;
    int row = divided(i, max(aw.places, 1)), slice = divided(row, max(ah.places, 1));
    at[t].w = aw.start + (i - row * aw.places) * aw.every;
    at[t].h = ah.start + (row - slice * ah.places) * ah.every;
    at[t].d = ad.start + slice * ad.every;
    from[t] = ivec3(tap(ad, at[t].d, p.d0, SD, PF, DD), tap(ah, at[t].h, p.h0, SH, PT, DH),
                    tap(aw, at[t].w, p.w0, SW, PL, DW));
    sum[t] = vec4(0);
  }
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++) {
      int row[TN];
      bool reached[TN];
      EACH(t) {
        ivec2 q = from[t].xy + ivec2(kd * ad.step, kh * ah.step);
        reached[t] = at[t].inside && all(greaterThanEqual(q, ivec2(0))) && all(lessThan(q, ivec2(p.id, p.ih)));
        row[t] = source(n, c, q.x, q.y, from[t].z);
      }
      int element = ((ad.first + kd * ad.stride) * KH + ah.first + kh * ah.stride) * KW + aw.first;
      for (int kw = 0; kw < aw.count; kw++) {
        vec4 weight = weights(c * KD * KH * KW + element + kw * aw.stride);
        EACH(t) {
          int w = from[t].z + kw * aw.step;
          bool hit = reached[t] && w >= 0 && w < p.iw;
          sum[t] += weight * mix(vec4(0), src(hit ? row[t] + kw * aw.step : 0), bvec4(hit));
        }
      }
    }
  EACH(t)
    if (at[t].inside) {
      vec4 y = sum[t] + bias(c);
      if (RESIDUAL != 0) y += residual(residualIndex(n, block(), at[t]));
      dst[target(n, block(), at[t])] = fused(y);
    }
}
