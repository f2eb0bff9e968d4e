/* Kernels on pixels of 16 lanes, between them and planes, and across planes. Built with AddressSanitizer and
   UndefinedBehaviorSanitizer. */
#include "functions.h"

#define BL FCN_BLOCK

static void gather_lanes(const fcn_kernels *k) {
  const ptrdiff_t taps = in(1, 5), count = in(1, 50), pixels = in(1, 30);
  float *src = eighths(pixels * BL), *weights = eighths(count * taps), *dst = blank(count * BL);
  int32_t *indices = take(count * taps * (ptrdiff_t)sizeof *indices);
  double *wanted = fences(count * BL);
  /* A tap of weight 0 is not read, but for the first. */
  for (ptrdiff_t i = 0; i < count * taps; i++)
    indices[i] = weights[i] == 0 && i % taps > 0 ? 1 << 28 : (int32_t)in(0, pixels - 1);
  for (ptrdiff_t i = 0; i < count * BL; i++) {
    wanted[i] = 0;
    for (ptrdiff_t t = i / BL * taps; t < (i / BL + 1) * taps; t++)
      if (weights[t] != 0) wanted[i] += (double)weights[t] * src[indices[t] * BL + i % BL];
  }
  k->f32_gather_lanes(src, indices, weights, taps, dst, count);
  expect_all(dst, wanted, count * BL, 0, k->name, "gather_lanes");
  release();
}

static void binary_lanes(const fcn_kernels *k) {
  const float extremes[] = {0, -0.0f, INFINITY, -INFINITY, NAN};
  const ptrdiff_t count = in(0, 30) * BL;
  for (int op = FCN_ADD; op <= FCN_PRELU; op++)
    for (int swapped = 0; swapped < 2; swapped++) {
      float *src = floats(count), *lanes = floats(BL), *dst = blank(count);
      for (ptrdiff_t i = 0; i < count; i++)
        if (chance(10)) src[i] = extremes[in(0, 4)];
      if (chance(2)) lanes[in(0, BL - 1)] = extremes[in(0, 4)];
      k->f32_binary_lanes((enum fcn_binary)op, src, lanes, swapped, dst, count / BL);
      for (ptrdiff_t i = 0; i < count; i++) {
        const double x = swapped ? lanes[i % BL] : src[i], y = swapped ? src[i] : lanes[i % BL];
        expect(dst[i], binary((enum fcn_binary)op, x, y), 1e-6, k->name, "binary_lanes");
      }
      release();
    }
}

static void statistics(const fcn_kernels *k) {
  const ptrdiff_t count = in(0, 200);
  float *row = floats(count * BL), *plane = blank(count);
  double *sums = fences(BL), *squares = fences(BL), *shift = fences(BL), start[BL];
  /* Of so many magnitudes that a sum in double depends on its order. */
  for (ptrdiff_t i = 0; i < count * BL; i++) row[i] = ldexpf(row[i], -(int)in(0, 40));
  for (ptrdiff_t c = 0; c < BL; c++) start[c] = sums[c] = squares[c] = real(), shift[c] = real();
  k->f32_cell_sum_lanes(row, count, sums);
  k->f32_cell_squares_lanes(row, count, shift, squares);
  for (ptrdiff_t c = 0; c < BL; c++) {
    double sum = start[c], square = start[c];
    for (ptrdiff_t i = 0; i < count; i++) {
      const double x = plane[i] = row[i * BL + c];
      sum += x, square += (x - shift[c]) * (x - shift[c]);
    }
    expect(sums[c], sum, 1e-12, k->name, "cell_sum_lanes");
    expect(squares[c], square, 1e-12, k->name, "cell_squares_lanes");
    expect(sums[c], k->f32_cell_sum(plane, count, start[c]), 0, k->name, "cell_sum_lanes of a plane");
  }
  release();
}

static void affine_lanes(const fcn_kernels *k) {
  const ptrdiff_t count = in(0, 50) * BL;
  float *src = eighths(count), *lanes = eighths(3 * BL), *dst = blank(count);
  fcn_epilogue e = any_epilogue(BL);
  e.bias = NULL;
  double *wanted = fences(count);
  for (ptrdiff_t i = 0; i < count; i++) {
    const double mean = lanes[i % BL], scale = lanes[BL + i % BL], shift = lanes[2 * BL + i % BL];
    wanted[i] = finished(&e, i % BL, (src[i] - mean) * scale + shift);
  }
  k->f32_affine_lanes(src, lanes, count / BL, &e, dst);
  expect_all(dst, wanted, count, e.activation == FCN_IDENTITY ? 0 : 1e-5, k->name, "affine_lanes");
  release();
}

static void layouts(const fcn_kernels *k) {
  const ptrdiff_t count = in(1, 150), channels = in(1, BL), stride = count + in(0, 5);
  const ptrdiff_t planar = (channels - 1) * stride + count, whole = count * BL;
  float *src = eighths(planar), *blocked = blank(whole), *again = blank(planar);
  double *wanted = fences(whole), *planes = fences(planar);
  for (ptrdiff_t i = 0; i < whole; i++) wanted[i] = i % BL < channels ? src[i % BL * stride + i / BL] : 0;
  k->f32_to_blocked(src, stride, channels, blocked, count);
  expect_all(blocked, wanted, whole, 0, k->name, "to_blocked");
  for (ptrdiff_t i = 0; i < planar; i++)
    if (i % stride < count) planes[i] = src[i];
  for (ptrdiff_t i = 0; i < whole; i++)
    if (i % BL >= channels) blocked[i] = NAN;
  k->f32_to_planar(blocked, again, stride, channels, count);
  expect_all(again, planes, planar, 0, k->name, "to_planar");
  release();
}

/* Of equals the first or the last; of NaN always the first. */
static void arg_reduce(const fcn_kernels *k) {
  const ptrdiff_t channels = in(1, 12), count = in(0, 200), stride = count + in(0, 3);
  float *src = eighths((channels - 1) * stride + count);
  if (chance(2))
    for (ptrdiff_t i = 0; i < (channels - 1) * stride + count; i++)
      if (chance(9)) src[i] = chance(2) ? NAN : chance(2) ? INFINITY : -INFINITY;
  for (int mode = 0; mode < 4; mode++) {
    const int is_minimum = mode & 1, is_last = mode >> 1;
    int64_t *dst = take(count * (ptrdiff_t)sizeof *dst);
    for (ptrdiff_t i = 0; i < count; i++) dst[i] = -77;
    k->f32_arg_reduce(src, channels, stride, is_minimum, is_last, dst, count);
    for (ptrdiff_t i = 0; i < count; i++) {
      ptrdiff_t best = 0;
      for (ptrdiff_t c = 1; c < channels; c++) {
        const float x = src[c * stride + i], top = src[best * stride + i];
        if (isnan(top)) break;
        if (isnan(x) || (is_minimum ? x < top : x > top) || (is_last && x == top)) best = c;
      }
      expect((double)dst[i], (double)best, 0, k->name, "arg_reduce");
    }
  }
  release();
}

static void check(const fcn_kernels *k) {
  for (int i = 0; i < 2000; i++)
    gather_lanes(k), binary_lanes(k), statistics(k), affine_lanes(k), layouts(k), arg_reduce(k);
}

int main(void) { return sweep("blocked lanes", check); }
