/* Winograd cells on blocked feature maps. */
#ifndef FCN_CELLS_H
#define FCN_CELLS_H

#include <stddef.h>
#include "fcn_blocked.h"

/* A Winograd cell by the row and column of its first patch element, or of its first output. */
typedef struct {
  ptrdiff_t y, x;
} fcn_cell;

/* Floats from one frequency to the next and from one cell to the next, in patches and sums. */
typedef struct {
  ptrdiff_t frequency, cell;
} fcn_cell_layout;

/* Where Winograd cells are stored. */
typedef struct {
  float *dst;            /* [blocks][h][w][16], first element at (h_lo, w_lo) */
  const float *residual; /* the same element of a box of its own, or NULL */
  ptrdiff_t block_stride, h_stride, residual_block_stride, residual_h_stride;
  ptrdiff_t h_lo, h_hi, w_lo, w_hi;
  int is_planar; /* channels [0, channels) are planes; at most two blocks */
  ptrdiff_t channels, channel_stride, residual_channel_stride;
  fcn_epilogue epilogue;
} fcn_cell_target;

/* The transforms of Winograd's F(m x m, 3x3) at P = (m + 2)^2 frequencies: cells of m x m outputs read patches of
   (m + 2) x (m + 2) inputs. */
typedef struct {
  ptrdiff_t size; /* m */
  /* The patches, blocks*16 channels of each frequency of each cell; a cell's patch has elements `dilation` apart and
     zeros outside the map. */
  void (*gather)(const fcn_map *map, const fcn_cell *cells, ptrdiff_t count, ptrdiff_t dilation,
                 fcn_cell_layout layout, float *patches);
  /* The outputs of the sums, wide*16 lanes of each frequency of each cell, finished and stored inside the target's
     limits. */
  void (*store)(const float *sums, fcn_cell_layout layout, ptrdiff_t wide, const fcn_cell *cells, ptrdiff_t count,
                ptrdiff_t dilation, const fcn_cell_target *target);
  /* As store, to planes. */
  void (*store_planar)(const float *sums, fcn_cell_layout layout, ptrdiff_t wide, const fcn_cell *cells,
                       ptrdiff_t count, ptrdiff_t dilation, const fcn_cell_target *target);
  /* packed[P][channels][lanes], `f_stride` floats from one frequency to the next, of the 3x3 kernels
     weights[row*m_stride + channel*c_stride + tap] of m rows, times factors[row] (1 each if NULL) and rounded; zeros
     beyond m. Computed in double, rounded once. weights: floats at any address. */
  void (*weights)(const void *weights, ptrdiff_t m, ptrdiff_t m_stride, ptrdiff_t channels, ptrdiff_t c_stride,
                  ptrdiff_t lanes, ptrdiff_t f_stride, const double *factors, float *packed);
  /* packed[P][channels][lanes] of kernels[channels][9][lanes], in float. */
  void (*kernels)(const float *kernels, ptrdiff_t channels, ptrdiff_t lanes, ptrdiff_t f_stride, float *packed);
} fcn_cells;

#endif
