/* Windows over blocked maps, anywhere inside, across and outside the map, and what max pooling with indices adds to
   them. Built with AddressSanitizer and UndefinedBehaviorSanitizer. */
#include "functions.h"

#define BL FCN_BLOCK

static fcn_window any_window(void) {
  const ptrdiff_t h = in(1, 9), w = chance(3) ? in(60, 200) : in(1, 40), pitch = w + in(0, 2), top = in(0, 3);
  const ptrdiff_t left = in(0, 3), count = ((h - 1) * pitch + w) * BL;
  const int is_wide = chance(6);
  float *src = eighths(count);
  for (ptrdiff_t i = 0; i < count; i++)
    if (i / BL % pitch >= w) src[i] = NAN;
  return (fcn_window){.src = src, .h_stride = pitch * BL, .h_lo = top, .h_hi = top + h, .w_lo = left, .w_hi = left + w,
                      .h_step = in(1, 3), .w_step = is_wide ? in(10, 25) : in(1, 4), .h_taps = is_wide ? 5 : in(1, 4),
                      .w_taps = in(1, 5), .h_dilation = in(1, 3), .w_dilation = in(1, 3), .h_pad = in(-2, 5),
                      .w_pad = in(-2, 5)};
}

/* The element that a tap reads in lane 0 and its row and column, or NULL where that is no element of the map. */
static const float *tap(const fcn_window *v, ptrdiff_t y, ptrdiff_t x, ptrdiff_t t, ptrdiff_t *row, ptrdiff_t *column) {
  *row = y * v->h_step - v->h_pad + t / v->w_taps * v->h_dilation;
  *column = x * v->w_step - v->w_pad + t % v->w_taps * v->w_dilation;
  if (*row < v->h_lo || *row >= v->h_hi || *column < v->w_lo || *column >= v->w_hi) return NULL;
  return v->src + (*row - v->h_lo) * v->h_stride + (*column - v->w_lo) * BL;
}

static void depthwise(const fcn_kernels *k) {
  fcn_window v = any_window();
  if (chance(20)) v.w_hi = v.w_lo;
  const ptrdiff_t y = in(0, 6), x0 = in(0, 9), count = in(1, 45) * BL, taps = v.h_taps * v.w_taps;
  const fcn_epilogue e = any_epilogue(BL);
  float *weights = eighths(taps * BL), *residual = chance(2) ? eighths(count) : NULL, *dst = blank(count);
  double *wanted = fences(count);
  for (ptrdiff_t i = 0, row, column; i < count; i++) {
    double sum = residual ? residual[i] : 0;
    for (ptrdiff_t t = 0; t < taps; t++) {
      const float *from = tap(&v, y, x0 + i / BL, t, &row, &column);
      if (from) sum += (double)from[i % BL] * weights[t * BL + i % BL];
    }
    wanted[i] = finished(&e, i % BL, sum);
  }
  k->f32_depthwise(&v, weights, y, x0, count / BL, residual, &e, dst);
  expect_all(dst, wanted, count, e.activation == FCN_IDENTITY ? 0 : 1e-5, k->name, "depthwise");
  release();
}

static void pools(const fcn_kernels *k) {
  const fcn_window v = any_window();
  const ptrdiff_t y = in(0, 6), x0 = in(0, 9), count = in(1, 45) * BL, taps = v.h_taps * v.w_taps, width = in(500, 999);
  float *src = (float *)v.src;
  if (chance(3))
    for (ptrdiff_t i = 0; i < (v.h_hi - v.h_lo) * BL; i++) {
      const ptrdiff_t at = i / BL * v.h_stride + in(0, v.w_hi - v.w_lo - 1) * BL + i % BL;
      src[at] = chance(2) ? NAN : -INFINITY;
    }
  float *sum = eighths(count), *top = blank(count), *resumed = eighths(count), *first = blank(count);
  int32_t *at = take(count * (ptrdiff_t)sizeof *at), *place = take(count * (ptrdiff_t)sizeof *place);
  double *sums = fences(count), *tops = fences(count), *resumes = fences(count);
  for (ptrdiff_t i = 0, row, column; i < count; i++) {
    double s = sum[i], m = -INFINITY;
    at[i] = place[i] = -99;
    for (ptrdiff_t t = 0; t < taps; t++) {
      const float *from = tap(&v, y, x0 + i / BL, t, &row, &column);
      if (!from) continue;
      const double x = from[i % BL];
      s += x;
      if (place[i] != -99 && !(x > m) && !(isnan(x) && !isnan(m))) continue;
      m = x;
      place[i] = (int32_t)(row * width + column);
    }
    sums[i] = s, tops[i] = m;
    resumes[i] = isnan(m) || m > resumed[i] ? m : resumed[i];
  }
  k->f32_sum_lanes(&v, y, x0, count / BL, sum);
  k->f32_max_lanes(&v, y, x0, count / BL, 0, top);
  k->f32_max_lanes(&v, y, x0, count / BL, 1, resumed);
  k->f32_max_lanes_at(&v, y, x0, count / BL, width, first, at);
  expect_all(sum, sums, count, 0, k->name, "sum_lanes");
  expect_all(top, tops, count, 0, k->name, "max_lanes");
  expect_all(resumed, resumes, count, 0, k->name, "max_lanes resumed");
  expect_all(first, tops, count, 0, k->name, "max_lanes_at");
  for (ptrdiff_t i = 0; i < count; i++)
    if (place[i] != -99) expect(at[i], place[i], 0, k->name, "max_lanes_at place");
  release();
}

static int64_t *numbers(ptrdiff_t count) {
  int64_t *p = take(count * (ptrdiff_t)sizeof *p);
  for (ptrdiff_t i = 0; i < count; i++) p[i] = -77;
  return p;
}

static void store_indices(void) {
  const ptrdiff_t channels = in(1, BL), count = in(1, 50), stride = count + in(0, 3), plane = in(1, 5000);
  const ptrdiff_t size = (channels - 1) * stride + count, places = (count - 1) * BL + channels;
  const int64_t first = in(0, 1 << 20) * 4096;
  int32_t *at = take(places * (ptrdiff_t)sizeof *at);
  int64_t *indices = numbers(size);
  for (ptrdiff_t i = 0; i < places; i++) at[i] = (int32_t)in(0, plane - 1);
  fcn_store_indices(at, count, channels, first, plane, indices, stride);
  for (ptrdiff_t i = 0; i < size; i++) {
    const ptrdiff_t c = i / stride, p = i % stride;
    expect((double)indices[i], p < count ? (double)(first + c * plane + at[p * BL + c]) : -77, 0, "c", "store_indices");
  }
  release();
}

static void unpool_lanes(void) {
  const ptrdiff_t height = in(1, 12), width = in(1, 12), plane = height * width, channels = in(1, BL);
  const ptrdiff_t h_lo = in(0, height - 1), h_hi = in(h_lo + 1, height), w_lo = in(0, width - 1);
  const ptrdiff_t w_hi = in(w_lo + 1, width), count = in(1, 40), stride = count + in(0, 3);
  const ptrdiff_t size = ((h_hi - h_lo) * (w_hi - w_lo) - 1) * BL + channels;
  const int64_t first = in(0, 1 << 20) * 4096;
  float *src = eighths((count - 1) * BL + channels), *dst = blank(size);
  double *wanted = fences(size);
  int64_t *indices = numbers((channels - 1) * stride + count);
  for (ptrdiff_t c = 0; c < channels; c++)
    for (ptrdiff_t i = 0; i < count; i++) {
      /* One that lies in no plane of the channel is left out. */
      const int64_t at = chance(9) ? (int64_t)(next() >> 2) : in(-plane, 2 * plane - 1);
      const int64_t row = at / width - h_lo, column = at % width - w_lo;
      indices[c * stride + i] = first + c * plane + at;
      if (at < 0 || at >= plane || row < 0 || row >= h_hi - h_lo || column < 0 || column >= w_hi - w_lo) continue;
      wanted[(row * (w_hi - w_lo) + column) * BL + c] = src[i * BL + c];
    }
  fcn_unpool_lanes(src, indices, stride, count, channels, first, plane, width, h_lo, h_hi, w_lo, w_hi, dst);
  expect_all(dst, wanted, size, 0, "c", "unpool_lanes");
  release();
}

static void check(const fcn_kernels *k) {
  for (int i = 0; i < 2000; i++) depthwise(k), pools(k);
}

int main(void) {
  for (int i = 0; i < 2000; i++) store_indices(), unpool_lanes();
  return sweep("blocked windows", check);
}
