/* What a direct convolution on blocked maps is made of: tables of places, register tiles, stores, patches and packed
   weights. Lanes that are no channels hold NaN. Built with AddressSanitizer and UndefinedBehaviorSanitizer. */
#include "functions.h"

typedef struct {
  ptrdiff_t blocks, channels, last, block_stride, pixel, d, h, w;
  float *src;
} map;

static ptrdiff_t channels_of(const map *m, ptrdiff_t block) { return block == m->blocks - 1 ? m->last : m->channels; }

/* Blocks of 16 lanes, or up to two blocks of so many channels side by side. It ends with its last channel, or, if lanes are
   read whole, with its last lane. */
static map any_map(int is_blocked, int has_whole_lanes, float *(*make)(ptrdiff_t)) {
  const int is_exact = make == eighths; /* then sums may be long */
  map m = {.blocks = is_blocked ? in(1, 3) : is_exact ? in(1, 2) : 1, .d = in(1, 2), .h = in(1, 5)};
  m.w = chance(4) ? in(24, 40) : in(1, 9);
  m.channels = is_blocked ? FCN_BLOCK : is_exact && chance(3) ? in(64, 90) : in(1, 40);
  m.last = chance(2) ? in(1, m.channels) : m.channels;
  m.pixel = m.channels;
  const ptrdiff_t pixels = m.d * m.h * m.w;
  m.block_stride = pixels * m.pixel + in(0, 1) * FCN_BLOCK;
  const ptrdiff_t last_pixel = (m.blocks - 1) * m.block_stride + (pixels - 1) * m.pixel;
  const ptrdiff_t count = last_pixel + (has_whole_lanes ? m.pixel : m.last);
  m.src = make(count);
  for (ptrdiff_t i = 0; i < count; i++)
    if (i % m.block_stride >= pixels * m.pixel ||
        i % m.block_stride % m.pixel >= channels_of(&m, i / m.block_stride))
      m.src[i] = NAN;
  return m;
}

static ptrdiff_t *places(ptrdiff_t count, ptrdiff_t size, ptrdiff_t stride) {
  ptrdiff_t *p = take(count * (ptrdiff_t)sizeof *p);
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t at = in(-1, size - 1);
    p[i] = at < 0 ? -1 : at * stride;
  }
  return p;
}

/* The reduction's table for positions [first, first + count) of a lattice that reads the map anywhere. */
static void any_offsets(const fcn_kernels *k, const map *m, fcn_reduction *r, ptrdiff_t *count) {
  fcn_lattice l = {in(1, 5), in(1, chance(2) ? 23 : 40), in(1, 2), in(1, 3), in(1, 3), 0, 0, 0};
  l.depth = places(l.depth_taps, m->d, m->h * m->w * m->pixel);
  l.row = places(l.row_taps * l.rows, m->h, m->w * m->pixel);
  ptrdiff_t *column = places(l.column_taps * l.columns, m->w, m->pixel);
  if (m->w >= l.columns && chance(2)) /* rows of pixels that lie side by side, tap for tap */
    for (ptrdiff_t i = 0; i < l.column_taps * l.columns; i++)
      column[i] = (i % l.columns + m->w - l.columns) * m->pixel;
  l.column = column;
  const ptrdiff_t first = in(0, l.rows * l.columns - 1);
  *count = in(1, l.rows * l.columns - first);
  r->taps = l.depth_taps * l.row_taps * l.column_taps;
  r->offsets_stride = *count + in(0, 2);
  const ptrdiff_t size = (r->taps - 1) * r->offsets_stride + *count;
  ptrdiff_t *offsets = take(size * (ptrdiff_t)sizeof *offsets);
  for (ptrdiff_t i = 0; i < size; i++) offsets[i] = -77;
  k->f32_offsets(&l, first, *count, offsets, r->offsets_stride);
  for (ptrdiff_t i = 0; i < size; i++) {
    const ptrdiff_t tap = i / r->offsets_stride, p = first + i % r->offsets_stride;
    const ptrdiff_t z = l.depth[tap / (l.row_taps * l.column_taps)];
    ptrdiff_t wanted = -77;
    if (p < first + *count) {
      const ptrdiff_t y = l.row[tap / l.column_taps % l.row_taps * l.rows + p / l.columns];
      const ptrdiff_t x = l.column[tap % l.column_taps * l.columns + p % l.columns];
      wanted = z < 0 || y < 0 || x < 0 ? -1 : z + y + x;
    }
    expect((double)offsets[i], (double)wanted, 0, k->name, "offsets");
  }
  r->offsets = offsets;
}

/* Sums by definition; weights [blocks][taps][channels][lanes], or [blocks][taps][lanes][16] if narrow. */
static double sum_of(const map *m, const fcn_reduction *r, ptrdiff_t p, const float *w, ptrdiff_t lanes, ptrdiff_t lane,
                     int is_narrow) {
  double sum = 0;
  for (ptrdiff_t b = 0; b < m->blocks; b++)
    for (ptrdiff_t t = 0; t < r->taps; t++) {
      const ptrdiff_t n = channels_of(m, b), at = r->offsets[t * r->offsets_stride + p];
      for (ptrdiff_t c = 0; at >= 0 && c < n; c++)
        sum += (double)m->src[b * m->block_stride + at + c] * w[is_narrow ? lane * FCN_BLOCK + c : c * lanes + lane];
      w += (is_narrow ? FCN_BLOCK : n) * lanes;
    }
  return sum;
}

/* Where positions are stored in a box whose rows and columns lie apart: from one place to the next `unit` floats. */
typedef struct {
  ptrdiff_t *places, reach;
} box;

static box any_box(ptrdiff_t count, ptrdiff_t unit) {
  box b = {.places = take(count * (ptrdiff_t)sizeof *b.places)};
  const ptrdiff_t columns = in(1, 20), step = in(1, 3), left = in(0, 3);
  const ptrdiff_t width = left + (columns - 1) * step + 1 + in(0, 2);
  for (ptrdiff_t i = 0; i < count; i++) {
    b.places[i] = (i / columns * width + left + i % columns * step) * unit;
    b.reach = b.places[i] + unit;
  }
  return b;
}

/* A target of `parts` blocks or planes whose pixels have `unit` floats, and what it holds once sums [count][lanes],
   sums_pitch apart, are stored. */
static fcn_store_target any_target(ptrdiff_t count, ptrdiff_t lanes, ptrdiff_t sums_pitch, ptrdiff_t parts,
                                   ptrdiff_t unit, const double *sums, double **wanted, ptrdiff_t *size) {
  const box to = any_box(count, unit), other = any_box(count, unit);
  const ptrdiff_t stride = to.reach + in(0, 5), pitch = other.reach + in(0, 5);
  *size = (parts - 1) * stride + to.reach;
  const fcn_store_target t = {
      .dst = blank(*size), .residual = chance(2) ? eighths((parts - 1) * pitch + other.reach) : NULL,
      .places = to.places, .residual_places = other.places, .block_stride = stride, .residual_block_stride = pitch,
      .channels = parts, .channel_stride = stride, .residual_channel_stride = pitch,
      .epilogue = any_epilogue(lanes)};
  *wanted = fences(*size);
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t lane = 0; lane < parts * unit; lane++) {
      double sum = sums[i * sums_pitch + lane];
      if (t.residual) sum += t.residual[lane / unit * pitch + other.places[i] + lane % unit];
      (*wanted)[lane / unit * stride + to.places[i] + lane % unit] = finished(&t.epilogue, lane, sum);
    }
  return t;
}

static void reduction(const fcn_kernels *k) {
  const int is_narrow = chance(3), is_exact = chance(2);
  const map m = any_map(is_narrow || chance(2), is_narrow, is_exact ? eighths : floats);
  const double tolerance = is_exact ? 0 : 2e-5;
  fcn_reduction r = {.src = m.src, .blocks = m.blocks, .block_stride = m.block_stride, .channels = m.channels,
                     .last_channels = m.last};
  ptrdiff_t count;
  any_offsets(k, &m, &r, &count);
  float *zeros = blank(m.channels);
  memset(zeros, 0, (size_t)m.channels * sizeof(float));
  r.zeros = zeros;

  const ptrdiff_t wide = in(1, k->wide), outputs = is_narrow ? in(1, 4) : wide * FCN_BLOCK;
  const ptrdiff_t pitch = is_narrow ? FCN_BLOCK : outputs + in(0, 2) * FCN_BLOCK;
  r.sums_pitch = pitch;
  const ptrdiff_t depth = is_narrow ? m.blocks * FCN_BLOCK : (m.blocks - 1) * m.channels + m.last;
  float *weights = (is_exact ? eighths : floats)(r.taps * depth * outputs);
  if (is_narrow)
    for (ptrdiff_t i = 0; i < r.taps * depth * outputs; i++)
      if (i % FCN_BLOCK >= channels_of(&m, i / (r.taps * outputs * FCN_BLOCK))) weights[i] = 0;
  float *acc = blank(count * pitch), *one = blank(pitch);
  double *wanted = fences(count * pitch);
  for (ptrdiff_t p = 0; p < count; p++)
    for (ptrdiff_t o = 0; o < outputs; o++) wanted[p * pitch + o] = sum_of(&m, &r, p, weights, outputs, o, is_narrow);
  if (is_narrow)
    k->f32_reduce_narrow(&r, outputs, count, weights, acc);
  else
    k->f32_reduce(&r, wide, count, weights, acc, NULL);
  expect_all(acc, wanted, count * pitch, tolerance, k->name, is_narrow ? "reduce_narrow" : "reduce");

  if (!is_narrow && is_exact) { /* the same sums, finished and stored to blocks */
    double *stored;
    ptrdiff_t size;
    const fcn_store_target t = any_target(count, outputs, pitch, wide, FCN_BLOCK, wanted, &stored, &size);
    k->f32_reduce(&r, wide, count, weights, blank(count * pitch), &t);
    expect_all(t.dst, stored, size, 1e-5, k->name, "reduce to a target");
  }

  /* A position alone has the same bits. */
  const ptrdiff_t p = in(0, count - 1);
  r.offsets += p;
  if (is_narrow)
    k->f32_reduce_narrow(&r, outputs, 1, weights, one);
  else
    k->f32_reduce(&r, wide, 1, weights, one, NULL);
  for (ptrdiff_t o = 0; o < pitch; o++) expect(one[o], acc[p * pitch + o], 0, k->name, "reduce of one position");
  release();
}

/* Positions at one distance, also pixels side by side: the same bits as by offsets; some taps beyond the border. */
static void dense(const fcn_kernels *k) {
  const ptrdiff_t channels = chance(3) ? FCN_BLOCK : in(1, 40);
  const ptrdiff_t pitch = chance(3) ? FCN_BLOCK : chance(2) ? in(1, channels) : channels + in(0, 20);
  const ptrdiff_t blocks = in(1, 3), last = in(1, channels), taps = in(1, 3), count = in(1, 40);
  const ptrdiff_t wide = in(1, k->wide), lanes = wide * FCN_BLOCK;
  const ptrdiff_t stride = taps * count * pitch, size = (blocks - 1) * stride + ((taps * count - 1) * pitch + channels);
  const ptrdiff_t depth = taps * ((blocks - 1) * channels + last);
  ptrdiff_t first[3], *offsets = take(taps * count * (ptrdiff_t)sizeof *offsets);
  for (ptrdiff_t t = 0; t < taps; t++) {
    first[t] = chance(4) ? -1 : in(0, taps - 1) * count * pitch;
    for (ptrdiff_t i = 0; i < count; i++) offsets[t * count + i] = first[t] < 0 ? -1 : first[t] + i * pitch;
  }
  float *zeros = blank(channels), *weights = floats(depth * lanes);
  memset(zeros, 0, (size_t)channels * sizeof(float));
  fcn_reduction r = {.src = floats(size), .zeros = zeros, .blocks = blocks, .block_stride = stride,
                     .channels = channels, .last_channels = last, .taps = taps, .offsets = offsets,
                     .offsets_stride = count};
  const ptrdiff_t apart = lanes + in(0, 2) * FCN_BLOCK;
  float *wanted = blank(count * apart), *made = blank(count * apart);
  r.sums_pitch = apart;
  k->f32_reduce(&r, wide, count, weights, wanted, NULL);
  r.offsets = first, r.offsets_stride = 1, r.pitch = pitch;
  k->f32_reduce(&r, wide, count, weights, made, NULL);
  double *sums = take(count * apart * (ptrdiff_t)sizeof *sums), *stored;
  for (ptrdiff_t i = 0; i < count * apart; i++) sums[i] = wanted[i];
  expect_all(made, sums, count * apart, 0, k->name, "dense reduce");
  ptrdiff_t room;
  const fcn_store_target t = any_target(count, lanes, apart, wide, FCN_BLOCK, sums, &stored, &room);
  k->f32_reduce(&r, wide, count, weights, blank(count * apart), &t);
  expect_all(t.dst, stored, room, 1e-5, k->name, "dense reduce to a target");
  release();
}

/* The products of a transform: the same bits as one reduction after the other; some taps beyond the border. */
static void products(const fcn_kernels *k) {
  const ptrdiff_t blocks = in(1, 3), channels = chance(8) ? in(200, 300) : in(1, 40), last = in(1, channels);
  const ptrdiff_t taps = in(1, 3), count = in(1, 40), wide = in(1, k->wide), lanes = wide * FCN_BLOCK;
  const ptrdiff_t pitch = channels + in(0, 20), stride = taps * count * pitch;
  const ptrdiff_t size = (blocks - 1) * stride + ((taps * count - 1) * pitch + channels);
  const ptrdiff_t depth = taps * ((blocks - 1) * channels + last), apart = lanes + in(0, 2) * FCN_BLOCK;
  const fcn_frequencies f = {chance(8) ? 36 : in(1, 5), size + in(0, 3), depth * lanes + in(0, 3),
                             count * apart + in(0, 3)};
  ptrdiff_t offsets[3];
  for (ptrdiff_t t = 0; t < taps; t++) offsets[t] = chance(4) ? -1 : in(0, taps - 1) * count * pitch;
  float *zeros = blank(channels), *weights = floats((f.count - 1) * f.weights_stride + depth * lanes);
  memset(zeros, 0, (size_t)channels * sizeof(float));
  fcn_reduction r = {.src = floats((f.count - 1) * f.src_stride + size), .zeros = zeros, .blocks = blocks,
                     .block_stride = stride, .channels = channels, .last_channels = last, .taps = taps,
                     .offsets = offsets, .offsets_stride = 1, .pitch = pitch, .sums_pitch = apart};
  const ptrdiff_t room = (f.count - 1) * f.sums_stride + count * apart;
  float *wanted = blank(room), *made = blank(room);
  k->f32_products(&r, &f, wide, count, weights, made);
  for (ptrdiff_t q = 0; q < f.count; q++, r.src += f.src_stride)
    k->f32_reduce(&r, wide, count, weights + q * f.weights_stride, wanted + q * f.sums_stride, NULL);
  for (ptrdiff_t i = 0; i < room; i++) expect(made[i], wanted[i], 0, k->name, "products");
  release();
}

static void store_planes(const fcn_kernels *k) {
  const ptrdiff_t count = chance(4) ? in(60, 150) : in(1, 20), wide = in(1, 2), lanes = wide * FCN_BLOCK;
  const ptrdiff_t channels = in(lanes - FCN_BLOCK + 1, lanes);
  float *acc = eighths(count * lanes);
  double *sums = take(count * lanes * (ptrdiff_t)sizeof *sums), *wanted;
  for (ptrdiff_t i = 0; i < count * lanes; i++) sums[i] = acc[i];
  ptrdiff_t size;
  const fcn_store_target t = any_target(count, lanes, lanes, channels, 1, sums, &wanted, &size);
  k->f32_store_planes(acc, wide, count, &t);
  expect_all(t.dst, wanted, size, 1e-5, k->name, "store_planes");
  release();
}

static void patch(const fcn_kernels *k) {
  const ptrdiff_t h = in(1, 9), w = in(1, 30), pitch = w + in(0, 3), plane = (h - 1) * pitch + w;
  const ptrdiff_t stride = plane + in(0, 3), top = in(-3, 3), left = in(-3, 3), c = in(1, 5);
  const ptrdiff_t rows = in(1, 9), columns = in(1, 40), y = in(-6, 9), x = in(-45, 40), size = rows * columns * c;
  const fcn_map m = {eighths((c - 1) * stride + plane), c, stride, pitch, top, top + h, left, left + w};
  float *made = blank(size);
  double *wanted = fences(size);
  for (ptrdiff_t i = 0; i < size; i++) {
    const ptrdiff_t row = y + i / c / columns, column = x + i / c % columns;
    const int is_inside = row >= top && row < top + h && column >= left && column < left + w;
    wanted[i] = is_inside ? m.src[i % c * stride + (row - top) * pitch + column - left] : 0;
  }
  k->f32_patch(&m, y, x, rows, columns, made);
  expect_all(made, wanted, size, 0, k->name, "patch");
  release();
}

static void gather_pixels(const fcn_kernels *k) {
  const ptrdiff_t blocks = in(1, 4), pixels = in(1, 30), stride = (pixels + in(0, 2)) * FCN_BLOCK, count = in(1, 40);
  const ptrdiff_t used = blocks * FCN_BLOCK, pitch = used + in(0, 5), size = (count - 1) * pitch + used;
  float *src = eighths((blocks - 1) * stride + pixels * FCN_BLOCK), *dst = blank(size);
  const ptrdiff_t *offsets = places(count, pixels, FCN_BLOCK);
  double *wanted = fences(size);
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t c = 0; c < used; c++)
      wanted[i * pitch + c] = offsets[i] < 0 ? 0 : src[c / FCN_BLOCK * stride + offsets[i] + c % FCN_BLOCK];
  k->f32_gather_pixels(src, blocks, stride, offsets, count, dst, pitch);
  expect_all(dst, wanted, size, 0, k->name, "gather_pixels");
  release();
}

static void pack_lanes(const fcn_kernels *k) {
  const ptrdiff_t m = in(1, 40), depth = in(1, 30), lanes = FCN_BLOCK * in(1, 2), stride = depth + in(0, 3);
  const ptrdiff_t size = (m + lanes - 1) / lanes * depth * lanes;
  float *weights = eighths((m - 1) * stride + depth), *packed = blank(size);
  double *wanted = fences(size);
  ptrdiff_t *offsets = take(depth * (ptrdiff_t)sizeof *offsets);
  for (ptrdiff_t i = 0; i < depth; i++) offsets[i] = in(0, depth - 1);
  double *factors = chance(2) ? take(m * (ptrdiff_t)sizeof *factors) : NULL;
  for (ptrdiff_t i = 0; factors && i < m; i++) factors[i] = 0.5 + 0.1 * (double)in(0, 9);
  for (ptrdiff_t i = 0; i < size; i++) {
    const ptrdiff_t row = i / (depth * lanes) * lanes + i % lanes;
    wanted[i] = row < m ? weights[row * stride + offsets[i / lanes % depth]] : 0;
    if (factors && row < m) wanted[i] = (float)(wanted[i] * factors[row]);
  }
  k->f32_pack_lanes(loose(weights, (m - 1) * stride + depth), m, stride, offsets, depth, lanes, factors, packed);
  expect_all(packed, wanted, size, 0, k->name, "pack_lanes");
  release();
}

static void check(const fcn_kernels *k) {
  for (int i = 0; i < 3000; i++) reduction(k), dense(k), store_planes(k), patch(k), gather_pixels(k), pack_lanes(k);
  for (int i = 0; i < 1000; i++) products(k);
}

int main(void) { return sweep("blocked convolutions", check); }
