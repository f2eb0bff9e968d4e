// activated(x, code, a, b): UnaryFunction of FCNGraph by code. Codes below 20 map finite lanes to finite lanes.
//   0 identity      1 relu          2 leakyRelu(a)   3 elu(a)        4 celu(a)        5 selu(a, b = gamma)
//   6 thresholdedRelu(a)            7 shrink(a = bias, b = lambda)   8 clip(a, b)     9 sigmoid
//  10 hardSigmoid(a, b)            11 hardSwish     12 swish(a)     13 mish          14 gelu (erf)
//  15 gelu (tanh)  16 softplus     17 softsign      18 tanh         19 absolute
//  20 exp          21 log          22 sqrt          23 reciprocal   24 negate        25 floor     26 ceil
//  27 sign         28 erf          29 round (even)  30 sin          31 cos           32 tan       33 asin
//  34 acos         35 atan         36 sinh          37 cosh         38 asinh         39 acosh     40 atanh
// Codes from 30 on exist in unary.comp only.
#ifndef ACTIVATION_GLSL
#define ACTIVATION_GLSL

#include "elementary.glsl"

vec4 positive(vec4 x) { return mix(max(x, 0.0), x, isnan(x)); }

vec4 clipped(vec4 x, float low, float high) { return mix(max(min(x, high), low), x, isnan(x)); }

vec4 activated(vec4 x, int code, float a, float b) {
  bvec4 below = lessThan(x, vec4(0));
  switch (code) {
  case 1: return positive(x);
  case 2: return mix(x, a * x, below);
  case 3: return mix(x, a * expMinusOne(min(x, 0.0)), below);
  case 4: return mix(x, a * expMinusOne(min(x / a, 0.0)), below);
  case 5: return b * mix(x, a * expMinusOne(min(x, 0.0)), below);
  case 6: return mix(x, vec4(0), lessThanEqual(x, vec4(a)));
  case 7: return mix(mix(mix(vec4(0), x - a, greaterThan(x, vec4(b))), x + a, lessThan(x, vec4(-b))), x, isnan(x));
  case 8: return clipped(x, a, b);
  case 9: return sigmoidOf(x);
  case 10: return clipped(a * x + b, 0.0, 1.0);
  case 11: return x * clipped(x / 6.0 + 0.5, 0.0, 1.0);
  case 12: return x * sigmoidOf(a * x);
  case 13: return x * tanhOf(max(x, 0.0) + logOnePlus(expOf(-abs(x))));
  case 14: return 0.5 * x * (1.0 + erfOf(x * 0.70710678118654752));
  case 15: return 0.5 * x * (1.0 + tanhOf(0.79788456080286536 * (x + 0.044715 * x * x * x)));
  case 16: return positive(x) + logOnePlus(expOf(-abs(x)));
  case 17: return x / (1.0 + abs(x));
  case 18: return tanhOf(x);
  case 19: return abs(x);
  case 20: return expOf(x);
  case 21: return logOf(x);
  case 22: return mix(sqrt(x), vec4(NOT_A_NUMBER), below);
  case 23: return 1.0 / x;
  case 24: return -x;
  case 25: return floor(x);
  case 26: return ceil(x);
  case 27: return mix(sign(x), x, isnan(x));
  case 28: return erfOf(x);
  case 29: return roundEven(x);
  default: return x;
  }
}

#endif
