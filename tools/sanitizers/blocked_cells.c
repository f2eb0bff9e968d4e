/* A whole Winograd convolution of 3x3 kernels against the defining sum: cells that cover the output box, at its borders
   and partly beyond them. Lanes that are no channels hold NaN. Built with AddressSanitizer and
   UndefinedBehaviorSanitizer. */
#include "functions.h"

typedef struct {
  ptrdiff_t blocks, channels, last; /* of the input */
  ptrdiff_t wide, outputs;          /* blocks of the output, and channels in them */
  ptrdiff_t dilation, low_y, low_x; /* output y reads y - low_y + tap*dilation */
  ptrdiff_t m_stride, c_stride;
  float *weights;
  fcn_map map;
  const fcn_cells *cells; /* the transforms, and how many products a cell takes */
  ptrdiff_t frequencies;
} layer;

static float weight(const layer *l, ptrdiff_t o, ptrdiff_t c, ptrdiff_t tap) {
  return l->weights[o * l->m_stride + c * l->c_stride + tap];
}

static layer any_layer(const fcn_kernels *k) {
  layer l = {.blocks = in(1, 3), .last = in(1, FCN_BLOCK), .wide = in(1, 2), .dilation = in(1, 3), .low_y = in(-2, 4),
             .low_x = in(-2, 4)};
  const fcn_cells *sizes[] = {k->cells3, k->cells4, k->cells6};
  l.cells = sizes[in(0, 2)];
  l.frequencies = (l.cells->size + 2) * (l.cells->size + 2);
  l.channels = (l.blocks - 1) * FCN_BLOCK + l.last;
  l.outputs = in((l.wide - 1) * FCN_BLOCK + 1, l.wide * FCN_BLOCK);
  l.m_stride = chance(2) ? 9 : l.channels * 9 + in(0, 3);
  l.c_stride = l.m_stride == 9 ? l.outputs * 9 + in(0, 3) : 9;
  const ptrdiff_t weights = (l.outputs - 1) * l.m_stride + (l.channels - 1) * l.c_stride + 9;
  l.weights = floats(weights);
  for (ptrdiff_t i = 0; i < weights; i++) l.weights[i] /= sqrtf(9 * (float)l.channels); /* sums like inputs */

  const ptrdiff_t h = in(1, 24), w = in(1, 24), pitch = w + in(0, 2), top = in(-3, 3), left = in(-3, 3);
  const ptrdiff_t block = ((h - 1) * pitch + w) * FCN_BLOCK, stride = block + in(0, 1) * FCN_BLOCK;
  const ptrdiff_t size = (l.blocks - 1) * stride + block;
  float *src = floats(size);
  for (ptrdiff_t i = 0; i < size; i++) {
    const ptrdiff_t b = i / stride, lane = i % stride % FCN_BLOCK, column = i % stride / FCN_BLOCK % pitch;
    if (i % stride >= block || column >= w || b * FCN_BLOCK + lane >= l.channels) src[i] = NAN;
  }
  l.map = (fcn_map){src, l.blocks, stride, pitch * FCN_BLOCK, top, top + h, left, left + w};
  return l;
}

static double sum_at(const layer *l, ptrdiff_t o, ptrdiff_t y, ptrdiff_t x) {
  const fcn_map *m = &l->map;
  double sum = 0;
  for (ptrdiff_t tap = 0; tap < 9; tap++) {
    const ptrdiff_t h = y - l->low_y + tap / 3 * l->dilation, w = x - l->low_x + tap % 3 * l->dilation;
    if (h < m->h_lo || h >= m->h_hi || w < m->w_lo || w >= m->w_hi) continue;
    const float *pixel = m->src + (h - m->h_lo) * m->h_stride + (w - m->w_lo) * FCN_BLOCK;
    for (ptrdiff_t c = 0; c < l->channels; c++)
      sum += (double)weight(l, o, c, tap) * pixel[c / FCN_BLOCK * m->block_stride + c % FCN_BLOCK];
  }
  return sum;
}

/* packed[frequencies][channels][lanes] of output lanes [first, first + lanes), of one transform or the other. */
static float *transformed(const fcn_kernels *k, const layer *l, ptrdiff_t first, ptrdiff_t lanes, ptrdiff_t f_stride) {
  const ptrdiff_t m = l->outputs - first < lanes ? l->outputs - first : lanes, used = l->channels * lanes;
  const ptrdiff_t size = (l->frequencies - 1) * f_stride + used;
  float *packed = blank(size), *again = blank(size), *kernels = blank(l->channels * 9 * lanes);
  for (ptrdiff_t i = 0; i < l->channels * 9 * lanes; i++) {
    const ptrdiff_t o = i % lanes;
    kernels[i] = o < m ? weight(l, first + o, i / lanes / 9, i / lanes % 9) : 0;
  }
  const float *given = l->weights + first * l->m_stride;
  double *factors = chance(2) ? take(m * (ptrdiff_t)sizeof *factors) : NULL;
  if (factors) { /* powers of two and weights divided by them give the same products */
    float *divided = blank((m - 1) * l->m_stride + (l->channels - 1) * l->c_stride + 9);
    for (ptrdiff_t o = 0; o < m; o++) factors[o] = ldexp(1, (int)in(-3, 3));
    for (ptrdiff_t o = 0; o < m; o++)
      for (ptrdiff_t i = 0; i < l->channels * 9; i++) {
        const ptrdiff_t at = o * l->m_stride + i / 9 * l->c_stride + i % 9;
        divided[at] = (float)(given[at] / factors[o]);
      }
    given = divided;
  }
  const void *moved = loose(given, (m - 1) * l->m_stride + (l->channels - 1) * l->c_stride + 9);
  l->cells->weights(moved, m, l->m_stride, l->channels, l->c_stride, lanes, f_stride, factors, packed);
  l->cells->kernels(kernels, l->channels, lanes, f_stride, again);
  for (ptrdiff_t i = 0; i < size; i++) {
    expect(again[i], packed[i], 1e-6, k->name, "cells_kernels");
    if (i % f_stride >= used) expect(packed[i], FENCE, 0, k->name, "cells_weights elsewhere");
  }
  return chance(2) ? packed : again;
}

/* Frequency by frequency or cell by cell, `floats` for each of both, and how many there are in all. */
static fcn_cell_layout any_layout(const layer *l, ptrdiff_t count, ptrdiff_t floats, ptrdiff_t *room) {
  if (chance(2)) {
    const ptrdiff_t stride = l->frequencies * floats + in(0, 5);
    *room = (count - 1) * stride + l->frequencies * floats;
    return (fcn_cell_layout){.frequency = floats, .cell = stride};
  }
  const ptrdiff_t stride = count * floats + in(0, 5);
  *room = (l->frequencies - 1) * stride + count * floats;
  return (fcn_cell_layout){.frequency = stride, .cell = floats};
}

/* The cells of a task: patches, products and stores. */
static void convolve(const fcn_kernels *k, const layer *l, float *const *packed, ptrdiff_t run, ptrdiff_t f_stride,
                     const fcn_cell *cells, ptrdiff_t count, const fcn_cell_target *target) {
  const ptrdiff_t pixel = l->blocks * FCN_BLOCK, lanes = l->wide * FCN_BLOCK, kept = holds;
  ptrdiff_t room, s_room;
  const fcn_cell_layout p = any_layout(l, count, pixel, &room), s = any_layout(l, count, lanes, &s_room);
  float *patches = blank(room), *sums = blank(s_room);
  fcn_cell *corners = take(count * (ptrdiff_t)sizeof *corners);
  for (ptrdiff_t i = 0; i < count; i++) corners[i] = (fcn_cell){cells[i].y - l->low_y, cells[i].x - l->low_x};
  l->cells->gather(&l->map, corners, count, l->dilation, p, patches);
  const ptrdiff_t offset = 0;
  fcn_reduction r = {.src = patches, .blocks = l->blocks, .block_stride = FCN_BLOCK, .channels = FCN_BLOCK,
                     .last_channels = l->last, .taps = 1, .offsets = &offset, .offsets_stride = 1, .pitch = p.cell,
                     .sums_pitch = s.cell};
  const fcn_frequencies all = {l->frequencies, p.frequency, f_stride, s.frequency};
  float *again = blank(s_room);
  for (ptrdiff_t b = 0; b < l->wide; b += run) {
    r.src = patches;
    k->f32_products(&r, &all, run, count, packed[b / run], sums + b * FCN_BLOCK);
    for (ptrdiff_t f = 0; f < l->frequencies; f++, r.src += p.frequency)
      k->f32_reduce(&r, run, count, packed[b / run] + f * f_stride, again + f * s.frequency + b * FCN_BLOCK, NULL);
  }
  for (ptrdiff_t i = 0; i < s_room; i++) expect(sums[i], again[i], 0, k->name, "products");
  const int is_by_cell = p.cell > p.frequency;
  const ptrdiff_t outer = is_by_cell ? p.cell : p.frequency, inner = is_by_cell ? l->frequencies : count;
  for (ptrdiff_t i = 0; i < room; i++)
    if (i % outer >= inner * pixel) expect(patches[i], FENCE, 0, k->name, "cells_in elsewhere");
  (target->is_planar ? l->cells->store_planar : l->cells->store)(sums, s, l->wide, cells, count, l->dilation, target);
  while (holds > kept) free(held[--holds]);
}

/* Cells whose outputs are each element of the box once, in raster order or any other. */
static fcn_cell *covering(const fcn_cell_target *t, ptrdiff_t size, ptrdiff_t d, ptrdiff_t *count) {
  fcn_cell *cells = take((t->h_hi - t->h_lo) * (t->w_hi - t->w_lo) * (ptrdiff_t)sizeof *cells);
  const int is_mixed = chance(2); /* else neighbours share the transforms of where they overlap */
  *count = 0;
  for (ptrdiff_t y = t->h_lo; y < t->h_hi; y++)
    for (ptrdiff_t x = t->w_lo; x < t->w_hi; x++)
      if ((y - t->h_lo) % (size * d) < d && (x - t->w_lo) % (size * d) < d) cells[(*count)++] = (fcn_cell){y, x};
  for (ptrdiff_t i = *count - 1; i > 0 && is_mixed; i--) {
    const ptrdiff_t j = in(0, i);
    const fcn_cell c = cells[i];
    cells[i] = cells[j], cells[j] = c;
  }
  return cells;
}

static void convolution(const fcn_kernels *k) {
  const layer l = any_layer(k);
  const ptrdiff_t lanes = l.wide * FCN_BLOCK, run = l.wide < k->wide ? l.wide : k->wide;
  const ptrdiff_t f_stride = l.channels * run * FCN_BLOCK + in(0, 5);
  float *packed[2];
  for (ptrdiff_t b = 0; b < l.wide; b += run)
    packed[b / run] = transformed(k, &l, b * FCN_BLOCK, run * FCN_BLOCK, f_stride);

  const int is_planar = chance(2);
  const ptrdiff_t h = in(1, 17), w = in(1, 17), unit = is_planar ? 1 : FCN_BLOCK, top = in(-3, 3), left = in(-3, 3);
  const ptrdiff_t pitch = (w + in(0, 2)) * unit, other = (w + in(0, 2)) * unit, parts = is_planar ? l.outputs : l.wide;
  const ptrdiff_t plane = (h - 1) * pitch + w * unit, residual_plane = (h - 1) * other + w * unit;
  const ptrdiff_t stride = plane + in(0, 3), residual_stride = residual_plane + in(0, 3);
  const ptrdiff_t size = (parts - 1) * stride + plane;
  fcn_cell_target t = {.dst = blank(size), .block_stride = stride, .h_stride = pitch,
                       .residual_block_stride = residual_stride, .residual_h_stride = other, .h_lo = top,
                       .h_hi = top + h, .w_lo = left, .w_hi = left + w,
                       .is_planar = is_planar, .channels = l.outputs, .channel_stride = stride,
                       .residual_channel_stride = residual_stride, .epilogue = any_epilogue(lanes)};
  if (chance(2)) t.residual = floats((parts - 1) * residual_stride + residual_plane);

  double *wanted = fences(size);
  for (ptrdiff_t y = 0; y < h; y++)
    for (ptrdiff_t x = 0; x < w; x++)
      for (ptrdiff_t o = 0; o < (is_planar ? l.outputs : lanes); o++) {
        const ptrdiff_t part = is_planar ? o : o / FCN_BLOCK, lane = is_planar ? 0 : o % FCN_BLOCK;
        double sum = o < l.outputs ? sum_at(&l, o, top + y, left + x) : 0;
        if (t.residual) sum += t.residual[part * residual_stride + y * other + x * unit + lane];
        wanted[part * stride + y * pitch + x * unit + lane] = finished(&t.epilogue, o, sum);
      }
  ptrdiff_t count;
  const fcn_cell *cells = covering(&t, l.cells->size, l.dilation, &count);
  for (ptrdiff_t i = 0, n; i < count; i += n) {
    n = in(1, count - i);
    convolve(k, &l, packed, run, f_stride, cells + i, n, &t);
  }
  expect_all(t.dst, wanted, size, 2e-5, k->name, is_planar ? "cells_out_planar" : "cells_out");
  release();
}

static void check(const fcn_kernels *k) {
  for (int i = 0; i < 1000; i++) convolution(k);
}

int main(void) { return sweep("blocked cells", check); }
