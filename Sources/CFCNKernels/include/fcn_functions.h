/* The elementwise functions that kernels know. */
#ifndef FCN_FUNCTIONS_H
#define FCN_FUNCTIONS_H

/* Elementwise functions; a and b are the parameters. */
enum fcn_unary {
  FCN_IDENTITY = 0,
  FCN_RELU,
  FCN_LEAKY_RELU, /* x < 0 ? a x : x */
  FCN_CLIP,       /* min(max(x, a), b) */
  FCN_SIGMOID,
  FCN_TANH,
  FCN_HARD_SIGMOID, /* max(0, min(1, a x + b)) */
  FCN_HARD_SWISH,   /* x max(0, min(1, x/6 + 1/2)) */
  FCN_SWISH,        /* x sigmoid(a x) */
  FCN_EXP,
  FCN_ABS,
  FCN_NEGATE,
  FCN_SQRT,
  FCN_RECIPROCAL,
  FCN_ELU,   /* x < 0 ? a (exp(x) - 1) : x */
  FCN_AFFINE /* a x + b */
};

enum fcn_binary { FCN_ADD = 0, FCN_SUB, FCN_MUL, FCN_DIV, FCN_MAX, FCN_MIN, FCN_PRELU };

#endif
