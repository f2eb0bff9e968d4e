/* Inner loops of the CPU backend. No allocation, threads or I/O. Every function computes an output element by the same
   sequence of operations wherever it lies in the buffer, so that tiles equal the whole bit for bit.

   All sizes are elements; float buffers are aligned to 4 bytes at least. */
#ifndef FCN_KERNELS_H
#define FCN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum fcn_isa { FCN_ISA_PORTABLE = 0, FCN_ISA_AVX2 = 1, FCN_ISA_AVX512 = 2, FCN_ISA_NEON = 3 };

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

/* Input of a convolution for one image and group. Output lattice position q along an axis reads input
   q*step + offsets[t] for every tap t; indices outside [lo, hi) read as 0. */
typedef struct {
  const float *src; /* [channels][d][h][w] of the held box, first element at (d_lo, h_lo, w_lo) */
  ptrdiff_t channels, channel_stride, d_stride, h_stride;
  ptrdiff_t d_lo, d_hi, h_lo, h_hi, w_lo, w_hi;
  ptrdiff_t d_step, h_step, w_step;
  ptrdiff_t d_taps, h_taps, w_taps;
  const ptrdiff_t *d_offsets, *h_offsets, *w_offsets;
} fcn_gather;

/* A block of lattice positions: one slice d, rows [h, h + rows), columns [w, w + columns), in raster order. */
typedef struct {
  ptrdiff_t d, h, w, rows, columns;
  ptrdiff_t pitch; /* accumulators from one row to the next: columns, or more where rows keep their halo */
} fcn_block;

/* Where a block's results go: lattice position q is output index q*step + phase, kept if inside [lo, hi). */
typedef struct {
  float *dst;            /* [channels][h][w] of the held box at the block's slice, first element at (h_lo, w_lo) */
  const float *residual; /* the same elements of a box of its own, or NULL */
  ptrdiff_t channels, channel_stride, h_stride;
  ptrdiff_t residual_channel_stride, residual_h_stride;
  ptrdiff_t h_lo, h_hi, w_lo, w_hi;
  ptrdiff_t h_step, h_phase, w_step, w_phase;
  const float *bias; /* [channels] or NULL */
  enum fcn_unary activation;
  float a, b;
} fcn_store;

/* A 2-D sliding window over one plane. */
typedef struct {
  const float *src; /* [h][w], first element at (h_lo, w_lo) */
  ptrdiff_t h_stride;
  ptrdiff_t h_lo, h_hi, w_lo, w_hi;
  ptrdiff_t h_step, w_step, h_taps, w_taps, h_dilation, w_dilation, h_pad, w_pad;
} fcn_window;

typedef struct {
  const char *name;
  ptrdiff_t strip; /* columns of a packed panel strip */
  ptrdiff_t rows;  /* weight rows of a packed block */

  /* panel[strips][K][strip] for the block's positions, K = channels*d_taps*h_taps*w_taps; zeros beyond the positions.
   */
  void (*f32_pack_panel)(const fcn_gather *gather, const fcn_block *block, ptrdiff_t strip, float *panel);
  /* packed[ceil(m/rows)][k][rows] from weights[m][k] (zeros beyond m). */
  void (*f32_pack_weights)(const float *weights, ptrdiff_t m, ptrdiff_t k, float *packed);
  /* acc[m][ld] (ld = strips*strip) = weights * panel; a column's sum runs over k in order. */
  void (*f32_gemm)(const float *packed, const float *panel, ptrdiff_t m, ptrdiff_t k, ptrdiff_t strips, float *acc);

  /* For lattices that step 1: the block's rows with their halo, one plane[planes][plane] per channel and depth tap.
     Plane row r, column c is input (h + h_low + r, w + w_low + c), pitch columns a row; zeros where absent. */
  void (*f32_pack_rows)(const fcn_gather *gather, const fcn_block *block, ptrdiff_t h_low, ptrdiff_t w_low,
                        ptrdiff_t rows, ptrdiff_t plane, float *panel);
  /* acc[m][ld] at position p = row*pitch + column: sum over planes and taps t, in order, of weights times
     panel[plane][p + offsets[t]]. */
  void (*f32_gemm_rows)(const float *packed, const float *panel, ptrdiff_t m, ptrdiff_t planes, ptrdiff_t plane,
                        const ptrdiff_t *offsets, ptrdiff_t taps, ptrdiff_t strips, float *acc);
  /* Bias, residual and activation on acc[channels][ld], scattered to the output. */
  void (*f32_store_block)(const float *acc, ptrdiff_t ld, const fcn_block *block, const fcn_store *store);

  /* Winograd F(4x4, 3x3): block positions are cells of 4x4 outputs. panel[36][stride] holds [channels][cells]; the
     patch of a cell begins 4*(h, w) + (h_low, w_low). pitch, a multiple of strip, is at least
     4*(columns + strip); work 6*pitch floats. Up to a
     vector beyond a channel's cells is written and read. */
  void (*f32_winograd_input)(const fcn_gather *gather, const fcn_block *block, ptrdiff_t h_low, ptrdiff_t w_low,
                             ptrdiff_t cells, ptrdiff_t stride, float *panel, float *work);
  /* The outputs of acc[36][stride] with bias, residual and activation; work 4*rows*pitch floats. */
  void (*f32_winograd_output)(const float *acc, ptrdiff_t cells, ptrdiff_t stride, const fcn_block *block,
                              const fcn_store *store, float *work);

  /* acc[columns] += sum over taps of weights[h_taps][w_taps] * src, for output row y, columns [x, x + columns). */
  void (*f32_window_sum)(const fcn_window *w, const float *weights, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns,
                         float *acc);
  /* acc = max(acc, window); NaN wins. */
  void (*f32_window_max)(const fcn_window *w, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns, float *acc);

  void (*f32_unary)(enum fcn_unary op, float a, float b, const float *src, float *dst, ptrdiff_t count);
  /* dst[i] = op(x[i*x_step], y[i*y_step]), steps 0 or 1. */
  void (*f32_binary)(enum fcn_binary op, const float *x, ptrdiff_t x_step, const float *y, ptrdiff_t y_step, float *dst,
                     ptrdiff_t count);
  /* dst[i] = sum over taps of weights[t] * src[rows[t] + i]. */
  void (*f32_blend_rows)(const float *src, const ptrdiff_t *rows, const float *weights, ptrdiff_t taps, float *dst,
                         ptrdiff_t count);
  /* dst[i] = sum over t < taps of weights[i*taps + t] * src[indices[i*taps + t]]. */
  void (*f32_gather_taps)(const float *src, const int32_t *indices, const float *weights, ptrdiff_t taps, float *dst,
                          ptrdiff_t count);
  /* Softmax over channels of src[channels][stride], count columns; log: its logarithm. work: 2*count floats. */
  void (*f32_softmax)(const float *src, ptrdiff_t channels, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride,
                      ptrdiff_t count, int log, float *work);
  /* sum plus the row, and plus the row's (x - shift)^2: cells of 64 columns added in order, in double. */
  double (*f32_cell_sum)(const float *row, ptrdiff_t count, double sum);
  double (*f32_cell_squares)(const float *row, ptrdiff_t count, double shift, double sum);
} fcn_kernels;

/* Whether this machine executes the instruction set. */
int fcn_isa_available(enum fcn_isa isa);
/* The best available. */
enum fcn_isa fcn_isa_best(void);
/* The kernels of an available instruction set, NULL otherwise. */
const fcn_kernels *fcn_kernels_for(enum fcn_isa isa);

/* dst[i] = src[table[i]] for elements of 1, 2, 4 or 8 bytes; a negative entry writes the fill element. */
void fcn_index_copy(const void *src, const ptrdiff_t *table, void *dst, ptrdiff_t count, ptrdiff_t size,
                    const void *fill);
/* dst[i] = src[i*step]. */
void fcn_strided_copy(const void *src, ptrdiff_t step, void *dst, ptrdiff_t count, ptrdiff_t size);

#endif
