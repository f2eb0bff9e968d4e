// Depthwise convolution (one input channel a group, one output channel each), and depthwise transposed convolution with
// -DTRANSPOSED. One invocation: one vec4 of dst.
//   y[n, c, q] = act(bias[c] + residual + sum over tap of w[c, tap] * x[n, c, from(q) + tap*step])
// b0 weights [C4][KD][KH][KW] vec4, lane r of block c: W[4c + r, 0, kd, kh, kw], 0 beyond C; b1 src; b2 bias [C4] vec4;
// b3 residual, constants ACT and RESIDUAL, x0-x5: common/fused.glsl; b4 dst.
// Push: the box, held, image, a b, x0-x5. Limit: KD*KH*KW <= 32768.
// Grid: x ceil(positions / 64), y c4, z n; transposed: positions = ceil(d/SD)*ceil(h/SH)*ceil(w/SW), z = n*SD*SH*SW.
#version 450
#extension GL_GOOGLE_include_directive : require
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

void main() {
  int n = image() / PHASES, phase = image() % PHASES, c = block() + p.c0;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  int i = position();
  if (i >= ad.places * ah.places * aw.places) return;
  int row = divided(i, aw.places), slice = divided(row, ah.places);
  Place at;
  at.w = aw.start + (i - row * aw.places) * aw.every;
  at.h = ah.start + (row - slice * ah.places) * ah.every;
  at.d = ad.start + slice * ad.every;
  ivec3 from = ivec3(tap(ad, at.d, p.d0, SD, PF, DD), tap(ah, at.h, p.h0, SH, PT, DH),
                     tap(aw, at.w, p.w0, SW, PL, DW));
  vec4 sum = vec4(0);
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++)
      for (int kw = 0; kw < aw.count; kw++) {
        ivec3 q = from + ivec3(kd * ad.step, kh * ah.step, kw * aw.step);
        bool hit = all(greaterThanEqual(q, ivec3(0))) && all(lessThan(q, ivec3(p.id, p.ih, p.iw)));
        vec4 x = mix(vec4(0), src(hit ? source(n, c, q.x, q.y, q.z) : 0), bvec4(hit));
        int element = ((ad.first + kd * ad.stride) * KH + ah.first + kh * ah.stride) * KW + aw.first + kw * aw.stride;
        sum += weights(c * KD * KH * KW + element) * x;
      }
  vec4 y = sum + bias(c);
  if (RESIDUAL != 0) y += residual(residualIndex(n, block(), at));
  dst[target(n, block(), at)] = fused(y);
}
