/* Inner loops of the CPU backend. No allocation, threads or I/O. Every function computes an output element by the same
   sequence of operations wherever it lies in the buffer, so that tiles equal the whole bit for bit.

   All sizes are elements; float buffers are aligned to 4 bytes at least. */
#ifndef FCN_KERNELS_H
#define FCN_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "fcn_blocked.h"
#include "fcn_cells.h"
#include "fcn_functions.h"

enum fcn_isa { FCN_ISA_PORTABLE = 0, FCN_ISA_AVX2 = 1, FCN_ISA_AVX512 = 2, FCN_ISA_NEON = 3 };

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

/* Outputs of a row that read the same two inputs, as of an enlarged row: runs one after the other. */
typedef struct {
  ptrdiff_t count;
  const int32_t *starts;         /* [count + 1]: the first output of each run, and the end */
  const int32_t *first, *second; /* [count]: what a run reads */
  const float *weights[2];       /* of either, for every output */
} fcn_runs;

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
  ptrdiff_t positions; /* of a register tile */
  ptrdiff_t wide;      /* output blocks of a register tile */
  ptrdiff_t second_cache; /* bytes of a core's second cache, assumed for processors of the instruction set */

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

  /* acc[count][wide*16], sums_pitch apart, for `wide` output blocks (at most the table's): sums over (block, tap,
     channel) in order, with weights[blocks][taps][channels][wide*16]. With a target they are finished and stored to its
     blocks, and acc is scratch. */
  void (*f32_reduce)(const fcn_reduction *reduction, ptrdiff_t wide, ptrdiff_t count, const float *weights, float *acc,
                     const fcn_store_target *target);
  /* f32_reduce at each of the frequencies, with a pitch and without a target: sums of positions, sums_pitch apart, from
     acc + frequency*sums_stride on. */
  void (*f32_products)(const fcn_reduction *reduction, const fcn_frequencies *frequencies, ptrdiff_t wide,
                       ptrdiff_t count, const float *weights, float *acc);
  /* acc[count][16], of which lanes [0, outputs) are written, for up to 4 outputs: partial sums of input lanes, added
     pairwise at the end; weights[blocks][taps][outputs][16], zeros beyond the channels. */
  void (*f32_reduce_narrow)(const fcn_reduction *reduction, ptrdiff_t outputs, ptrdiff_t count, const float *weights,
                            float *acc);
  /* offsets[taps][stride] of positions [first, first + count) of a slice. */
  void (*f32_offsets)(const fcn_lattice *lattice, ptrdiff_t first, ptrdiff_t count, ptrdiff_t *offsets,
                      ptrdiff_t stride);
  /* acc[count][wide*16], finished, to the target's planes. */
  void (*f32_store_planes)(const float *acc, ptrdiff_t wide, ptrdiff_t count, const fcn_store_target *target);
  /* patch[rows][columns][channels] of a planar map of few channels (its blocks are channels) from row y, column x on;
     zeros outside the map. */
  void (*f32_patch)(const fcn_map *map, ptrdiff_t y, ptrdiff_t x, ptrdiff_t rows, ptrdiff_t columns, float *patch);
  /* dst[count][dst_stride]: the blocks of the pixels at src + offsets[i], side by side; zeros where an offset is below
     0. */
  void (*f32_gather_pixels)(const float *src, ptrdiff_t blocks, ptrdiff_t block_stride, const ptrdiff_t *offsets,
                            ptrdiff_t count, float *dst, ptrdiff_t dst_stride);
  /* packed[ceil(m/lanes)][k][lanes] from weights[row*m_stride + offsets[i]] * factors[row], i < k; zeros beyond m.
     weights: floats at any address.
     factors: 1 each if NULL; products are computed in double and rounded once. */
  void (*f32_pack_lanes)(const void *weights, ptrdiff_t m, ptrdiff_t m_stride, const ptrdiff_t *offsets,
                         ptrdiff_t k, ptrdiff_t lanes, const double *factors, float *packed);

  /* Winograd convolutions by cells of 3x3, 4x4 and 6x6 outputs. */
  const fcn_cells *cells3, *cells4, *cells6;

  /* One output row of one block: columns [x, x + columns) of row y. Window sources are [h][w][16], h_stride in floats.
     */
  void (*f32_depthwise)(const fcn_window *w, const float *weights, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns,
                        const float *residual, const fcn_epilogue *epilogue, float *dst);
  /* The largest of a window (and of dst, if resumed); NaN wins. */
  void (*f32_max_lanes)(const fcn_window *w, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns, int resume, float *dst);
  /* The largest of a window, and for each lane the position row*width + column of the first such element. */
  void (*f32_max_lanes_at)(const fcn_window *w, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns, ptrdiff_t width,
                           float *dst, int32_t *at);
  /* dst += the sum of a window. */
  void (*f32_sum_lanes)(const fcn_window *w, ptrdiff_t y, ptrdiff_t x, ptrdiff_t columns, float *dst);
  /* dst[count][16] = sum over t < taps of weights[i*taps + t] * src[indices[i*taps + t]][16]. */
  void (*f32_gather_lanes)(const float *src, const int32_t *indices, const float *weights, ptrdiff_t taps, float *dst,
                           ptrdiff_t count);
  /* dst[count][16] = op(src, lanes[16]), or op(lanes, src) if swapped. */
  void (*f32_binary_lanes)(enum fcn_binary op, const float *src, const float *lanes, int swapped, float *dst,
                           ptrdiff_t count);
  /* sums[16] plus a row of count pixels; cells of 64 columns as in f32_cell_sum. */
  void (*f32_cell_sum_lanes)(const float *row, ptrdiff_t count, double *sums);
  /* sums[16] plus the row's (x - shift[16])^2. */
  void (*f32_cell_squares_lanes)(const float *row, ptrdiff_t count, const double *shift, double *sums);
  /* dst[count][16] = (src - lanes[0][16]) lanes[1] + lanes[2], clipped and activated. */
  void (*f32_affine_lanes)(const float *src, const float *lanes, ptrdiff_t count, const fcn_epilogue *epilogue,
                           float *dst);
  /* dst[count][16] from src[channels][stride], zeros in the other lanes; and back. */
  void (*f32_to_blocked)(const float *src, ptrdiff_t stride, ptrdiff_t channels, float *dst, ptrdiff_t count);
  void (*f32_to_planar)(const float *src, float *dst, ptrdiff_t stride, ptrdiff_t channels, ptrdiff_t count);

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
  /* dst[channels][dst_stride] = weights[0][i] * src[channel][first] + weights[1][i] * src[channel][second] for every
     output i of every run, as f32_gather_taps of two taps. */
  void (*f32_spread_runs)(const float *src, ptrdiff_t src_stride, const fcn_runs *runs, ptrdiff_t channels, float *dst,
                          ptrdiff_t dst_stride);
  /* Softmax over channels of src[channels][stride], count columns; log: its logarithm. work: 2*count floats. */
  void (*f32_softmax)(const float *src, ptrdiff_t channels, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride,
                      ptrdiff_t count, int log, float *work);
  /* dst[i] = index of the largest (is_minimum: smallest) of src[c*src_stride + i] over c < channels: the first of
     equals, or the last; NaN counts as the extreme. */
  void (*f32_arg_reduce)(const float *src, ptrdiff_t channels, ptrdiff_t src_stride, int is_minimum, int is_last,
                         int64_t *dst, ptrdiff_t count);
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

/* dst[i] = src[table[i]] for elements of 1, 2, 4, 8 or 64 bytes; a negative entry writes the fill element. */
void fcn_index_copy(const void *src, const ptrdiff_t *table, void *dst, ptrdiff_t count, ptrdiff_t size,
                    const void *fill);
/* indices[channel*stride + i] = first + channel*plane + at[i*16 + channel], i < count, channel < channels. */
void fcn_store_indices(const int32_t *at, ptrdiff_t count, ptrdiff_t channels, int64_t first, ptrdiff_t plane,
                       int64_t *indices, ptrdiff_t stride);
/* MaxUnpool of count pixels of one block: dst[(row - h_lo)*w_count + column - w_lo][16] = src[i][16] where the index
   says first + channel*plane + row*width + column, inside [lo, hi). */
void fcn_unpool_lanes(const float *src, const int64_t *indices, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t channels,
                      int64_t first, ptrdiff_t plane, ptrdiff_t width, ptrdiff_t h_lo, ptrdiff_t h_hi, ptrdiff_t w_lo,
                      ptrdiff_t w_hi, float *dst);
/* dst[i] = src[i*step]. */
void fcn_strided_copy(const void *src, ptrdiff_t step, void *dst, ptrdiff_t count, ptrdiff_t size);

#endif
