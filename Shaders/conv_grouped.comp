// Convolution with any groups (depthwise with a multiplier, group channels that are no multiples of 4 and 8), and
// transposed convolution with -DTRANSPOSED: slow, every lane fetches its own channel. One invocation: one vec4 of dst.
// b0 weights [C4][KD][KH][KW][x6] vec4: lane r of (c, kd, kh, kw, i) = W[o = 4c + r, input channel i of o's group],
//    0 beyond C; b1 src; b2 bias [C4] vec4; b3 residual and ACT: common/fused.glsl; b4 dst.
// Push: the box, held, image, channels, a b, x0-x5 residual, x6 = input channels, x7 = output channels of a group.
// Limit: KD*KH*KW*x6 <= 32768. Grid: x ceil(positions / 64), y c4, z n; transposed: as conv_c4.
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

void main() {
  int n = image() / PHASES, phase = image() % PHASES, c = block() + p.c0, plane = p.sd * p.sh * p.sw;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  Place at = phased(position(), ad, ah, aw);
  if (!at.inside) return;
  ivec3 from = ivec3(tap(ad, at.d, p.d0, SD, PF, DD), tap(ah, at.h, p.h0, SH, PT, DH),
                     tap(aw, at.w, p.w0, SW, PL, DW));
  ivec4 first = min(4 * c + ivec4(0, 1, 2, 3), ivec4(p.channels - 1)) / p.x7 * p.x6;
  vec4 sum = vec4(0);
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++)
      for (int kw = 0; kw < aw.count; kw++) {
        ivec3 q = from + ivec3(kd * ad.step, kh * ah.step, kw * aw.step);
        bool hit = within(q);
        int x = hit ? source(n, 0, q.x, q.y, q.z) : 0;
        int element = ((ad.first + kd * ad.stride) * KH + ah.first + kh * ah.stride) * KW + aw.first + kw * aw.stride;
        for (int k = 0; k < p.x6; k++) {
          vec4 v;
          [[unroll]] for (int r = 0; r < 4; r++) {
            int channel = first[r] + k;
            v[r] = src(hit ? x + channel / 4 * plane : 0)[channel & 3];
          }
          sum += weights((c * KD * KH * KW + element) * p.x6 + k) * mix(vec4(0), v, bvec4(hit));
        }
      }
  vec4 y = sum + bias(c);
  if (RESIDUAL != 0) y += residual(residualIndex(n, block(), at));
  dst[target(n, block(), at)] = fused(y);
}
