// Convolution as implicit GEMM in shared memory, for GPUs; transposed by phase with -DTRANSPOSED. No groups. One
// workgroup of 64: 64 output channels x 64 positions in steps of 16 input channels of a tap; one invocation: 8 x 8.
// b0 weights [KD][KH][KW][4I][x7] vec4: lane r of (kd, kh, kw, i, B) = W[o = 4B + r, input channel i], 0 beyond; I
//    input blocks; x7 = blocks of 4 output channels, a multiple of 16.
// b1 src; b2 bias; b3 residual (common/fused.glsl); b4 dst. 8 KiB of shared memory.
// Push: the box, held, image, a b, x0-x5 residual, x6 = I, x7. Limit: KD*KH*KW*ceil(I/4)*16 <= 32768.
// Grid: x ceil(positions / 64), y ceil(c4/16), z n; transposed: as conv_c4. c0 = 0.
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
shared vec4 rows[16][16];     // [k][output block]
shared float columns[16][64];  // [k][position]

#define EACH(t) [[unroll]] for (int t = 0; t < 8; t++)

void main() {
  int n = image() / PHASES, phase = image() % PHASES, lane = int(gl_LocalInvocationID.x), plane = p.sd * p.sh * p.sw;
  Axis ad = axis(KD, SD, PF, DD, phase / (SH * SW), p.d0, p.d);
  Axis ah = axis(KH, SH, PT, DH, phase / SW % SH, p.h0, p.h);
  Axis aw = axis(KW, SW, PL, DW, phase % SW, p.w0, p.w);
  int first = (int(gl_WorkGroupID.x) + p.base) * 64, ty = lane / 8, tx = lane % 8;
  Place mine = phased(first + lane, ad, ah, aw);
  ivec3 from = ivec3(tap(ad, mine.d, p.d0, SD, PF, DD), tap(ah, mine.h, p.h0, SH, PT, DH),
                     tap(aw, mine.w, p.w0, SW, PL, DW));
  vec4 sum[2][8];
  EACH(t) sum[0][t] = sum[1][t] = vec4(0);
  for (int kd = 0; kd < ad.count; kd++)
    for (int kh = 0; kh < ah.count; kh++)
      for (int kw = 0; kw < aw.count; kw++) {
        ivec3 q = from + ivec3(kd * ad.step, kh * ah.step, kw * aw.step);
        bool hit = within(mine.inside ? q : ivec3(-1));
        int x = hit ? source(n, 0, q.x, q.y, q.z) : 0;
        int element = ((ad.first + kd * ad.stride) * KH + ah.first + kh * ah.stride) * KW + aw.first + kw * aw.stride;
        for (int i = 0; i < p.x6; i += 4) {
          barrier();
          [[dont_unroll]] for (int j = 0; j < 4; j++) {
            bool real = hit ? i + j < p.x6 : false;
            vec4 v = mix(vec4(0), src(real ? x + (i + j) * plane : 0), bvec4(real));
            [[unroll]] for (int r = 0; r < 4; r++) columns[4 * j + r][lane] = v[r];
            int k = lane / 16 + 4 * j;
            bool inside = i + k / 4 < p.x6;
            int w = (element * p.x6 * 4 + 4 * i + k) * p.x7 + block() * 16 + lane % 16;
            rows[k][lane % 16] = mix(vec4(0), weights(inside ? w : 0), bvec4(inside));
          }
          barrier();
          for (int k = 0; k < 16; k++) {
            vec4 l = rows[k][2 * ty], r = rows[k][2 * ty + 1];
            EACH(t) {
              float v = columns[k][tx + 8 * t];
              sum[0][t] += l * v;
              sum[1][t] += r * v;
            }
          }
        }
      }
  [[dont_unroll]] for (int t = 0; t < 8; t++) {
    Place at = phased(first + tx + 8 * t, ad, ah, aw);
    [[unroll]] for (int s = 0; s < 2; s++) {
      int c = 16 * block() + 2 * ty + s;
      if (at.inside && c < p.c4) {
        vec4 y = PICKED8(sum[s], t) + bias(c);
        if (RESIDUAL != 0) y += residual(residualIndex(n, c, at));
        dst[target(n, c, at)] = fused(y);
      }
    }
  }
}
