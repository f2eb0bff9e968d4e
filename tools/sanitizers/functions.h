/* The elementwise functions and the epilogue by their definitions. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "check.h"

static inline double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static inline double unary(enum fcn_unary op, double a, double b, double x) {
  switch (op) {
  case FCN_IDENTITY: return x;
  case FCN_RELU: return x < 0 ? 0 : x;
  case FCN_LEAKY_RELU: return x < 0 ? a * x : x;
  case FCN_CLIP: return clip(x, a, b);
  case FCN_SIGMOID: return 1 / (1 + exp(-x));
  case FCN_TANH: return tanh(x);
  case FCN_HARD_SIGMOID: return clip(a * x + b, 0, 1);
  case FCN_HARD_SWISH: return x * clip(x / 6 + 0.5, 0, 1);
  case FCN_SWISH: return x / (1 + exp(-a * x));
  case FCN_EXP: return exp(x);
  case FCN_ABS: return fabs(x);
  case FCN_NEGATE: return -x;
  case FCN_SQRT: return x < 0 ? NAN : sqrt(x);
  case FCN_RECIPROCAL: return 1 / x;
  case FCN_ELU: return x < 0 ? a * (exp(x) - 1) : x;
  case FCN_AFFINE: return a * x + b;
  }
  return NAN;
}

static inline double binary(enum fcn_binary op, double x, double y) {
  switch (op) {
  case FCN_ADD: return x + y;
  case FCN_SUB: return x - y;
  case FCN_MUL: return x * y;
  case FCN_DIV: return x / y;
  case FCN_MAX: return isnan(x) || y <= x ? x : y;
  case FCN_MIN: return isnan(x) || y >= x ? x : y;
  case FCN_PRELU: return x < 0 ? x * y : x;
  }
  return NAN;
}

/* Any epilogue for so many lanes whose result moves no faster than a few times its sum. */
static inline fcn_epilogue any_epilogue(ptrdiff_t lanes) {
  static const enum fcn_unary bounded[] = {FCN_RELU,         FCN_LEAKY_RELU, FCN_CLIP, FCN_SIGMOID, FCN_TANH,
                                           FCN_HARD_SIGMOID, FCN_HARD_SWISH, FCN_ABS,  FCN_NEGATE,  FCN_SWISH,
                                           FCN_ELU,          FCN_AFFINE};
  fcn_epilogue e = {.low = -INFINITY, .high = INFINITY, .activation = FCN_IDENTITY, .a = 0.25f, .b = 0.75f};
  if (chance(2)) e.bias = eighths(lanes);
  if (chance(3)) e.low = (float)in(-3, 0);
  if (chance(3)) e.high = (float)in(1, 3);
  if (chance(2)) e.activation = bounded[in(0, sizeof bounded / sizeof *bounded - 1)];
  return e;
}

static inline double finished(const fcn_epilogue *e, ptrdiff_t lane, double sum) {
  return unary(e->activation, e->a, e->b, clip(sum + (e->bias ? e->bias[lane] : 0), e->low, e->high));
}

#endif
