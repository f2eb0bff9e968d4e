/* Every kernel of every instruction set that this machine executes, on odd sizes in buffers of exactly the bytes that
   the header promises to touch, against plain loops. Built with AddressSanitizer and UndefinedBehaviorSanitizer. */
#include "functions.h"

static void elementwise(const fcn_kernels *k) {
  const float extremes[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e30f, -1e30f, 88.8f, -88.8f, 1e-40f};
  for (int op = FCN_IDENTITY; op <= FCN_AFFINE; op++)
    for (ptrdiff_t count = 0; count < 70; count++) {
      float *src = floats(count), *dst = floats(count);
      const float a = 0.25f, b = 0.75f;
      if (count > 40) memcpy(src, extremes, sizeof extremes);
      k->f32_unary((enum fcn_unary)op, a, b, src, dst, count);
      for (ptrdiff_t i = count > 40 ? 10 : 0; i < count; i++)
        expect(dst[i], unary((enum fcn_unary)op, a, b, src[i]), 1e-5, k->name, "unary");
      k->f32_unary((enum fcn_unary)op, a, b, src, src, count);
      for (ptrdiff_t i = 0; i < count; i++) expect(src[i], dst[i], 0, k->name, "unary in place");
      release();
    }
  for (int op = FCN_ADD; op <= FCN_PRELU; op++)
    for (int steps = 0; steps < 4; steps++)
      for (ptrdiff_t count = 1; count < 70; count++) {
        const ptrdiff_t xs = steps & 1, ys = steps >> 1;
        float *x = floats(xs ? count : 1), *y = floats(ys ? count : 1), *dst = floats(count);
        k->f32_binary((enum fcn_binary)op, x, xs, y, ys, dst, count);
        for (ptrdiff_t i = 0; i < count; i++)
          expect(dst[i], binary((enum fcn_binary)op, x[i * xs], y[i * ys]), 1e-5, k->name, "binary");
        release();
      }
}

/* One phase of a convolution: pack, multiply, store; against the defining sum. */
/* Panels of whole rows give the same bits as panels that repeat their input for every tap. */
static void check_rows(const fcn_kernels *k, const fcn_gather *g, const fcn_block *block, const float *packed,
                       ptrdiff_t m, const float *expected, ptrdiff_t expected_ld) {
  ptrdiff_t low[2] = {g->h_offsets[0], g->w_offsets[0]}, high[2] = {low[0], low[1]}, offsets[16];
  for (ptrdiff_t t = 0; t < g->h_taps; t++) {
    low[0] = g->h_offsets[t] < low[0] ? g->h_offsets[t] : low[0];
    high[0] = g->h_offsets[t] > high[0] ? g->h_offsets[t] : high[0];
  }
  for (ptrdiff_t t = 0; t < g->w_taps; t++) {
    low[1] = g->w_offsets[t] < low[1] ? g->w_offsets[t] : low[1];
    high[1] = g->w_offsets[t] > high[1] ? g->w_offsets[t] : high[1];
  }
  fcn_block b = *block;
  b.pitch = b.columns + high[1] - low[1];
  for (ptrdiff_t th = 0; th < g->h_taps; th++)
    for (ptrdiff_t tw = 0; tw < g->w_taps; tw++)
      offsets[th * g->w_taps + tw] = (g->h_offsets[th] - low[0]) * b.pitch + g->w_offsets[tw] - low[1];
  const ptrdiff_t strips = (b.rows * b.pitch + k->strip - 1) / k->strip, ld = strips * k->strip;
  const ptrdiff_t plane = ld + (high[0] - low[0]) * b.pitch + high[1] - low[1];
  const ptrdiff_t planes = g->channels * g->d_taps;
  float *panel = floats(planes * plane), *acc = floats(m * ld);
  k->f32_pack_rows(g, &b, low[0], low[1], b.rows + high[0] - low[0], plane, panel);
  k->f32_gemm_rows(packed, panel, m, planes, plane, offsets, g->h_taps * g->w_taps, strips, acc);
  for (ptrdiff_t o = 0; o < m; o++)
    for (ptrdiff_t r = 0; r < b.rows; r++)
      for (ptrdiff_t c = 0; c < b.columns; c++)
        expect(acc[o * ld + r * b.pitch + c], expected[o * expected_ld + r * b.columns + c], 0, k->name, "rows");
}

static void convolution(const fcn_kernels *k) {
  const ptrdiff_t c = in(1, 4), m = in(1, 19), d = in(1, 3), h = in(1, 9), w = in(1, 40);
  const ptrdiff_t td = in(1, 2), th = in(1, 3), tw = in(1, 4), depth = c * td * th * tw;
  ptrdiff_t offsets[3][4];
  for (int a = 0; a < 3; a++)
    for (int t = 0; t < 4; t++) offsets[a][t] = in(-3, 6);
  float *src = floats(c * d * h * w), *weights = floats(m * depth);
  const fcn_gather g = {
      .src = src, .channels = c, .channel_stride = d * h * w, .d_stride = h * w, .h_stride = w, .d_lo = 2,
      .d_hi = 2 + d, .h_lo = -1, .h_hi = h - 1, .w_lo = 3, .w_hi = 3 + w, .d_step = in(1, 2), .h_step = in(1, 3),
      .w_step = in(1, 3), .d_taps = td, .h_taps = th, .w_taps = tw, .d_offsets = offsets[0], .h_offsets = offsets[1],
      .w_offsets = offsets[2]};
  fcn_block b = {.d = in(0, 2), .h = in(-2, 3), .w = in(-2, 5), .rows = in(1, 4), .columns = in(1, 37)};
  b.pitch = b.columns;
  const ptrdiff_t strips = (b.rows * b.columns + k->strip - 1) / k->strip, ld = strips * k->strip;
  const ptrdiff_t blocks = (m + k->rows - 1) / k->rows * k->rows;
  float *packed = floats(blocks * depth), *panel = floats(depth * ld), *acc = floats(m * ld);
  k->f32_pack_weights(weights, m, depth, packed);
  k->f32_pack_panel(&g, &b, k->strip, panel);
  k->f32_gemm(packed, panel, m, depth, strips, acc);
  if (g.h_step == 1 && g.w_step == 1) check_rows(k, &g, &b, packed, m, acc, ld);

  const ptrdiff_t oh = in(1, 9), ow = in(1, 50);
  float *dst = floats(m * oh * ow), *before = copied(dst, m * oh * ow), *bias = floats(m);
  float *residual = next() & 1 ? floats(m * oh * ow) : NULL;
  const fcn_store s = {
      .dst = dst, .residual = residual, .channels = m, .channel_stride = oh * ow, .h_stride = ow,
      .residual_channel_stride = oh * ow, .residual_h_stride = ow, .h_lo = 1, .h_hi = 1 + oh, .w_lo = 2, .w_hi = 2 + ow,
      .h_step = in(1, 3), .h_phase = in(0, 2), .w_step = in(1, 3), .w_phase = in(0, 2),
      .bias = next() & 1 ? bias : NULL, .activation = next() & 1 ? FCN_RELU : FCN_IDENTITY};
  k->f32_store_block(acc, ld, &b, &s);

  for (ptrdiff_t r = 0; r < b.rows; r++)
    for (ptrdiff_t q = 0; q < b.columns; q++)
      for (ptrdiff_t o = 0; o < m; o++) {
        double sum = 0;
        ptrdiff_t i = 0;
        for (ptrdiff_t ch = 0; ch < c; ch++)
          for (ptrdiff_t kd = 0; kd < td; kd++)
            for (ptrdiff_t kh = 0; kh < th; kh++)
              for (ptrdiff_t kw = 0; kw < tw; kw++, i++) {
                const ptrdiff_t z = b.d * g.d_step + offsets[0][kd] - g.d_lo;
                const ptrdiff_t y = (b.h + r) * g.h_step + offsets[1][kh] - g.h_lo;
                const ptrdiff_t x = (b.w + q) * g.w_step + offsets[2][kw] - g.w_lo;
                if (z >= 0 && z < d && y >= 0 && y < h && x >= 0 && x < w)
                  sum += (double)weights[o * depth + i] * src[((ch * d + z) * h + y) * w + x];
              }
        expect(acc[o * ld + r * b.columns + q], sum, 1e-5, k->name, "gemm");
        const ptrdiff_t y = (b.h + r) * s.h_step + s.h_phase - s.h_lo, x = (b.w + q) * s.w_step + s.w_phase - s.w_lo;
        if (y < 0 || y >= oh || x < 0 || x >= ow) continue;
        const ptrdiff_t at = (o * oh + y) * ow + x;
        double wanted = sum + (s.bias ? bias[o] : 0) + (residual ? residual[at] : 0);
        if (s.activation == FCN_RELU && wanted < 0) wanted = 0;
        expect(dst[at], wanted, 1e-5, k->name, "store");
        before[at] = dst[at];
      }
  for (ptrdiff_t i = 0; i < m * oh * ow; i++) expect(dst[i], before[i], 0, k->name, "store elsewhere");
  release();
}

static void window(const fcn_kernels *k) {
  const ptrdiff_t h = in(1, 9), w = in(1, 40), columns = in(1, 45), x0 = in(0, 9), y = in(0, 6);
  const fcn_window v = {
      .src = floats(h * w), .h_stride = w, .h_lo = 1, .h_hi = 1 + h, .w_lo = 2, .w_hi = 2 + w, .h_step = in(1, 3),
      .w_step = in(1, 4), .h_taps = in(1, 4), .w_taps = in(1, 4), .h_dilation = in(1, 3), .w_dilation = in(1, 3),
      .h_pad = in(-2, 4), .w_pad = in(-2, 4)};
  float *weights = floats(v.h_taps * v.w_taps), *sum = floats(columns), *top = floats(columns);
  memset(sum, 0, (size_t)columns * sizeof(float));
  for (ptrdiff_t i = 0; i < columns; i++) top[i] = -INFINITY;
  k->f32_window_sum(&v, weights, y, x0, columns, sum);
  k->f32_window_max(&v, y, x0, columns, top);
  for (ptrdiff_t i = 0; i < columns; i++) {
    double s = 0, t = -INFINITY;
    for (ptrdiff_t kh = 0; kh < v.h_taps; kh++)
      for (ptrdiff_t kw = 0; kw < v.w_taps; kw++) {
        const ptrdiff_t iy = y * v.h_step - v.h_pad + kh * v.h_dilation - v.h_lo;
        const ptrdiff_t ix = (x0 + i) * v.w_step - v.w_pad + kw * v.w_dilation - v.w_lo;
        if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
        s += (double)weights[kh * v.w_taps + kw] * v.src[iy * w + ix];
        t = fmax(t, v.src[iy * w + ix]);
      }
    expect(sum[i], s, 1e-5, k->name, "window_sum");
    expect(top[i], t, 0, k->name, "window_max");
  }
  release();
}

static void resampling(const fcn_kernels *k) {
  const ptrdiff_t taps = in(1, 5), count = in(1, 70), rows = in(1, 6);
  float *src = floats(rows * count), *weights = floats(count * taps), *dst = floats(count);
  ptrdiff_t starts[5];
  int32_t *indices = take(count * taps * (ptrdiff_t)sizeof(int32_t));
  for (ptrdiff_t t = 0; t < taps; t++) starts[t] = in(0, rows - 1) * count;
  for (ptrdiff_t i = 0; i < count * taps; i++) indices[i] = (int32_t)in(0, rows * count - 1);
  k->f32_blend_rows(src, starts, weights, taps, dst, count);
  for (ptrdiff_t i = 0; i < count; i++) {
    double sum = 0;
    for (ptrdiff_t t = 0; t < taps; t++) sum += (double)weights[t] * src[starts[t] + i];
    expect(dst[i], sum, 1e-5, k->name, "blend_rows");
  }
  k->f32_gather_taps(src, indices, weights, taps, dst, count);
  for (ptrdiff_t i = 0; i < count; i++) {
    double sum = 0;
    for (ptrdiff_t t = 0; t < taps; t++) sum += (double)weights[i * taps + t] * src[indices[i * taps + t]];
    expect(dst[i], sum, 1e-5, k->name, "gather_taps");
  }
  release();
}

/* Runs of outputs between two inputs each: the same bits as two taps of every output. */
static void runs(const fcn_kernels *k) {
  const ptrdiff_t channels = in(1, 9), width = in(1, 20), count = in(1, 12), stride = width + in(0, 3);
  int32_t starts[13] = {0}, first[12], second[12];
  for (ptrdiff_t r = 0; r < count; r++) {
    starts[r + 1] = starts[r] + (int32_t)in(1, 20);
    first[r] = (int32_t)in(0, width - 1), second[r] = (int32_t)in(0, width - 1);
  }
  const ptrdiff_t outputs = starts[count], pitch = outputs + in(0, 3);
  float *src = floats((channels - 1) * stride + width), *w[2] = {floats(outputs), floats(outputs)};
  float *pairs = floats(2 * outputs), *wanted = floats(outputs), *dst = blank((channels - 1) * pitch + outputs);
  int32_t *indices = take(2 * outputs * (ptrdiff_t)sizeof *indices);
  for (ptrdiff_t r = 0; r < count; r++)
    for (ptrdiff_t i = starts[r]; i < starts[r + 1]; i++) {
      if (chance(5)) w[1][i] = 0;
      indices[2 * i] = first[r], indices[2 * i + 1] = second[r];
      pairs[2 * i] = w[0][i], pairs[2 * i + 1] = w[1][i];
    }
  if (chance(4)) src[in(0, width - 1)] = INFINITY;
  const fcn_runs r = {.count = count, .starts = starts, .first = first, .second = second, .weights = {w[0], w[1]}};
  k->f32_spread_runs(src, stride, &r, channels, dst, pitch);
  for (ptrdiff_t c = 0; c < channels; c++) {
    k->f32_gather_taps(src + c * stride, indices, pairs, 2, wanted, outputs);
    for (ptrdiff_t i = 0; i < outputs; i++) expect(dst[c * pitch + i], wanted[i], 0, k->name, "spread_runs");
  }
  release();
}

static void statistics(const fcn_kernels *k) {
  const ptrdiff_t channels = in(1, 9), count = in(1, 70), stride = count + in(0, 3);
  float *src = floats((channels - 1) * stride + count), *dst = floats((channels - 1) * stride + count);
  float *work = floats(2 * count);
  for (int log = 0; log < 2; log++) {
    k->f32_softmax(src, channels, stride, dst, stride, count, log, work);
    for (ptrdiff_t i = 0; i < count; i++) {
      double sum = 0;
      for (ptrdiff_t c = 0; c < channels; c++) sum += exp(src[c * stride + i]);
      for (ptrdiff_t c = 0; c < channels; c++) {
        const double wanted = exp(src[c * stride + i]) / sum;
        expect(dst[c * stride + i], log ? __builtin_log(wanted) : wanted, 1e-5, k->name, "softmax");
      }
    }
  }
  double sum = 0.5, squares = 0.5;
  for (ptrdiff_t i = 0; i < count; i++) sum += src[i], squares += (src[i] - 0.25) * (src[i] - 0.25);
  expect(k->f32_cell_sum(src, count, 0.5), sum, 1e-9, k->name, "cell_sum");
  expect(k->f32_cell_squares(src, count, 0.25, 0.5), squares, 1e-9, k->name, "cell_squares");
  release();
}

static void copies(void) {
  for (ptrdiff_t size = 1; size <= 64; size = size == 8 ? 64 : 2 * size)
    for (ptrdiff_t count = 0; count < 40; count++) {
      const ptrdiff_t step = in(1, 3), elements = count > 0 ? (count - 1) * step + 1 : 1;
      uint8_t *src = take(elements * size), *dst = take(count * size), *fill = take(size);
      ptrdiff_t *table = take(count * (ptrdiff_t)sizeof(ptrdiff_t));
      for (ptrdiff_t i = 0; i < elements * size; i++) src[i] = (uint8_t)next();
      for (ptrdiff_t i = 0; i < size; i++) fill[i] = (uint8_t)next();
      for (ptrdiff_t i = 0; i < count; i++) table[i] = in(-1, elements - 1);
      fcn_index_copy(src, table, dst, count, size, fill);
      for (ptrdiff_t i = 0; i < count; i++)
        expect(memcmp(dst + i * size, table[i] < 0 ? fill : src + table[i] * size, (size_t)size), 0, 0, "c",
               "index_copy");
      fcn_strided_copy(src, step, dst, count, size);
      for (ptrdiff_t i = 0; i < count; i++)
        expect(memcmp(dst + i * size, src + i * step * size, (size_t)size), 0, 0, "c", "strided_copy");
      release();
    }
}

static void check(const fcn_kernels *k) {
  elementwise(k);
  for (int i = 0; i < 2000; i++) convolution(k), window(k), resampling(k), runs(k), statistics(k);
}

int main(void) {
  copies();
  return sweep("kernels", check);
}
