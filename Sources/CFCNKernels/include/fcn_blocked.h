/* Kernels on blocked feature maps [N][ceil(C/16)][D][H][W][16]: 16 channels side by side, the last block filled up with
   lanes that are never read as channels. An element is computed by the same sequence of operations wherever it lies. */
#ifndef FCN_BLOCKED_H
#define FCN_BLOCKED_H

#include <stddef.h>
#include <stdint.h>
#include "fcn_functions.h"

/* Channels of a block. */
#define FCN_BLOCK 16

/* What a convolution's sums run over: blocks of channels, and for each tap and position where the position reads. */
typedef struct {
  const float *src;
  const float *zeros; /* as many as a block has channels */
  ptrdiff_t blocks, block_stride;
  ptrdiff_t channels;      /* of every block but the last */
  ptrdiff_t last_channels; /* of the last */
  ptrdiff_t taps;
  const ptrdiff_t *offsets; /* [taps][offsets_stride]: from src + block*block_stride; below 0: beyond the border */
  ptrdiff_t offsets_stride;
  ptrdiff_t pitch; /* above 0: a tap's position i reads at offsets[tap][0] + i*pitch */
  ptrdiff_t sums_pitch; /* floats from one position's sums to the next in acc, which long sums need with a target too */
} fcn_reduction;

/* The same reduction at several frequencies: floats from one frequency to the next. */
typedef struct {
  ptrdiff_t count;
  ptrdiff_t src_stride, weights_stride, sums_stride;
} fcn_frequencies;

/* Where the positions of a slice read: row y reads at row[tap][y], column x at column[tap][x], below 0 beyond the
   border. */
typedef struct {
  ptrdiff_t rows, columns;
  ptrdiff_t depth_taps, row_taps, column_taps;
  const ptrdiff_t *depth;  /* [depth_taps] */
  const ptrdiff_t *row;    /* [row_taps][rows] */
  const ptrdiff_t *column; /* [column_taps][columns] */
} fcn_lattice;

/* What is done to a finished sum: min(max(sum + bias + residual, low), high), then the activation. */
typedef struct {
  const float *bias; /* [blocks][16], or NULL */
  float low, high;
  enum fcn_unary activation;
  float a, b;
} fcn_epilogue;

/* Where the sums of positions are stored: position i at dst + places[i], its residual at residual + residual_places[i].
   */
typedef struct {
  float *dst;
  const float *residual; /* or NULL */
  const ptrdiff_t *places, *residual_places;
  ptrdiff_t block_stride, residual_block_stride;               /* of blocks */
  ptrdiff_t channels, channel_stride, residual_channel_stride; /* of planes */
  fcn_epilogue epilogue;
} fcn_store_target;

/* The blocks of one image and slice. */
typedef struct {
  const float *src; /* [blocks][h][w][16], first element at (h_lo, w_lo) */
  ptrdiff_t blocks, block_stride, h_stride;
  ptrdiff_t h_lo, h_hi, w_lo, w_hi;
} fcn_map;

#endif
