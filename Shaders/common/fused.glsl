// What convolutions apply in the store: y = act(sum + bias + residual).
// b2 bias [ceil(C/8)*2] vec4, always; b3 residual vec4 if RESIDUAL: the value for local (n, c, d, h, w) lies at
// x0 + n*x1 + c*x2 + d*x3 + h*x4 + w*x5 (it may be dst).
// ACT: codes 0 to 12 of activation.glsl but 3, 4, 5 and 6, 7 (sigmoid as 1/(1 + exp(-x))).
#ifndef FUSED_GLSL
#define FUSED_GLSL

#include "elementary.glsl"

vec4 fused(vec4 x) {
  switch (ACT) {
  case 1: return mix(max(x, 0.0), x, isnan(x));
  case 2: return mix(x, p.a * x, lessThan(x, vec4(0)));
  case 8: return mix(max(min(x, p.b), p.a), x, isnan(x));
  case 9:
  case 12: return (ACT == 12 ? x : vec4(1)) / (1.0 + expOf(ACT == 12 ? -p.a * x : -x));
  case 10: return mix(max(min(p.a * x + p.b, 1.0), 0.0), x, isnan(x));
  case 11: return x * mix(max(min(x / 6.0 + 0.5, 1.0), 0.0), x, isnan(x));
  default: return x;
  }
}

int residualIndex(int n, int c, Place at) {
  return p.x0 + n * p.x1 + c * p.x2 + at.d * p.x3 + at.h * p.x4 + at.w * p.x5;
}

#endif
