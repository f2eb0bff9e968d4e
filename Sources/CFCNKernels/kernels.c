/* One enumerator: the same sources compiled for every instruction set, chosen by CPU features at run time. */
#include "fcn_kernels.h"

#include <string.h>

typedef float fcn_f4 __attribute__((ext_vector_type(4), aligned(4)));
typedef float fcn_f8 __attribute__((ext_vector_type(8), aligned(4)));
typedef float fcn_f16 __attribute__((ext_vector_type(16), aligned(4)));
/* Of a file: at any address. */
typedef float fcn_loose __attribute__((aligned(1)));
typedef int32_t fcn_i4 __attribute__((ext_vector_type(4)));
typedef int32_t fcn_i8 __attribute__((ext_vector_type(8)));
typedef int32_t fcn_i16 __attribute__((ext_vector_type(16)));

#define FCN_JOIN2(a, b) a##__##b
#define FCN_JOIN(a, b) FCN_JOIN2(a, b)
#define FN(name) FCN_JOIN(fcn_f32_##name, ISA)

/* Iterations are independent: dst may equal src, element for element. */
#define EACH_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define FMA(a, b, c) ((a) * (b) + (c))
#define ALWAYS static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
/* Channels that are no whole blocks are mostly the colours or taps of a row, by threes. */
#define UNROLL3 _Pragma("clang loop unroll_count(3)")
#define UNROLL4 _Pragma("clang loop unroll_count(4)")
/* The compiler knows nothing of p from here on: it does not keep a pointer of its own for every value that is read near
   it, which would cost more registers than there are. */
#define OPAQUE(p) __asm__("" : "+r"(p))
/* Of the line of a float that is about to be read or written, `at` floats from p, wherever that is. */
#define PREFETCH_READ(p, at) __builtin_prefetch((const void *)((uintptr_t)(p) + (uintptr_t)(at) * sizeof(float)), 0)
#define PREFETCH_WRITE(p, at) __builtin_prefetch((const void *)((uintptr_t)(p) + (uintptr_t)(at) * sizeof(float)), 1)
/* The same to the second cache. */
#define PREFETCH_SECOND(p, at)                                                                                         \
  __builtin_prefetch((const void *)((uintptr_t)(p) + (uintptr_t)(at) * sizeof(float)), 0, 2)
#define BL FCN_BLOCK
/* For arrays of vectors: their types promise 4 bytes, and a vector across two lines costs twice. */
#define ALIGNED _Alignas(64)
#define LANES4 {0, 1, 2, 3}
#define LANES8 {0, 1, 2, 3, 4, 5, 6, 7}
#define LANES16 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
#define LANES ((INTS)FCN_JOIN3(LANES, VL))
#define FCN_JOIN3(a, b) FCN_JOIN4(a, b)
#define FCN_JOIN4(a, b) a##b

#if defined(__aarch64__)
#define ISA neon
#define ISA_NAME "neon"
#define VL 4
#define MR 8
#define VEC fcn_f4
#define INTS fcn_i4
#define MP 6
#define WIDE 1
#define SECOND_CACHE (512 << 10)
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#undef INTS
#undef MP
#undef WIDE
#undef SECOND_CACHE
#endif

#define ISA portable
#define ISA_NAME "portable"
#define VL 4
#define MR 4
#define VEC fcn_f4
#define INTS fcn_i4
#define MP 3
#define WIDE 1
#define SECOND_CACHE (512 << 10)
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#undef INTS
#undef MP
#undef WIDE
#undef SECOND_CACHE

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA avx2
#define ISA_NAME "avx2"
#define VL 8
#define MR 4
#define VEC fcn_f8
#define INTS fcn_i8
#define MP 6
#define WIDE 1
#define SECOND_CACHE (512 << 10)
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#undef INTS
#undef MP
#undef WIDE
#undef SECOND_CACHE
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"))),                   \
                             apply_to = function)
#define ISA avx512
#define ISA_NAME "avx512"
#define VL 16
#define MR 8
#define VEC fcn_f16
#define INTS fcn_i16
#define MP 14
#define WIDE 2
#define SECOND_CACHE (1 << 20)
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#undef INTS
#undef MP
#undef WIDE
#undef SECOND_CACHE
#pragma clang attribute pop
#endif

int fcn_isa_available(enum fcn_isa isa) {
  switch (isa) {
  case FCN_ISA_PORTABLE: return 1;
#if defined(__x86_64__)
  case FCN_ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case FCN_ISA_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
  case FCN_ISA_NEON: return 0;
#elif defined(__aarch64__)
  case FCN_ISA_NEON: return 1;
  case FCN_ISA_AVX2:
  case FCN_ISA_AVX512: return 0;
#else
  case FCN_ISA_AVX2:
  case FCN_ISA_AVX512:
  case FCN_ISA_NEON: return 0;
#endif
  }
  return 0;
}

enum fcn_isa fcn_isa_best(void) {
  if (fcn_isa_available(FCN_ISA_AVX512)) return FCN_ISA_AVX512;
  if (fcn_isa_available(FCN_ISA_AVX2)) return FCN_ISA_AVX2;
  if (fcn_isa_available(FCN_ISA_NEON)) return FCN_ISA_NEON;
  return FCN_ISA_PORTABLE;
}

const fcn_kernels *fcn_kernels_for(enum fcn_isa isa) {
  if (!fcn_isa_available(isa)) return NULL;
  switch (isa) {
  case FCN_ISA_PORTABLE: return &fcn_f32_table__portable;
#if defined(__x86_64__)
  case FCN_ISA_AVX2: return &fcn_f32_table__avx2;
  case FCN_ISA_AVX512: return &fcn_f32_table__avx512;
  case FCN_ISA_NEON: return NULL;
#elif defined(__aarch64__)
  case FCN_ISA_NEON: return &fcn_f32_table__neon;
  case FCN_ISA_AVX2:
  case FCN_ISA_AVX512: return NULL;
#else
  case FCN_ISA_AVX2:
  case FCN_ISA_AVX512:
  case FCN_ISA_NEON: return NULL;
#endif
  }
  return NULL;
}

typedef struct {
  float lanes[FCN_BLOCK];
} fcn_pixel;

#define COPY(type, index, absent)                                                                                      \
  {                                                                                                                    \
    const type *from = src;                                                                                            \
    type *to = dst;                                                                                                    \
    for (ptrdiff_t i = 0; i < count; i++) to[i] = (absent) ? *(const type *)fill : from[index];                        \
    return;                                                                                                            \
  }

void fcn_index_copy(const void *src, const ptrdiff_t *table, void *dst, ptrdiff_t count, ptrdiff_t size,
                    const void *fill) {
  switch (size) {
  case 1: COPY(uint8_t, table[i], table[i] < 0)
  case 2: COPY(uint16_t, table[i], table[i] < 0)
  case 4: COPY(uint32_t, table[i], table[i] < 0)
  case 8: COPY(uint64_t, table[i], table[i] < 0)
  case 64: COPY(fcn_pixel, table[i], table[i] < 0)
  }
}

void fcn_strided_copy(const void *src, ptrdiff_t step, void *dst, ptrdiff_t count, ptrdiff_t size) {
  const void *fill = src;
  if (step == 1) {
    memcpy(dst, src, (size_t)(count * size));
    return;
  }
  switch (size) {
  case 1: COPY(uint8_t, i * step, 0)
  case 2: COPY(uint16_t, i * step, 0)
  case 4: COPY(uint32_t, i * step, 0)
  case 8: COPY(uint64_t, i * step, 0)
  case 64: COPY(fcn_pixel, i * step, 0)
  }
}

void fcn_store_indices(const int32_t *at, ptrdiff_t count, ptrdiff_t channels, int64_t first, ptrdiff_t plane,
                       int64_t *indices, ptrdiff_t stride) {
  for (ptrdiff_t c = 0; c < channels; c++)
    for (ptrdiff_t i = 0; i < count; i++) indices[c * stride + i] = first + c * plane + at[i * FCN_BLOCK + c];
}

void fcn_unpool_lanes(const float *src, const int64_t *indices, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t channels,
                      int64_t first, ptrdiff_t plane, ptrdiff_t width, ptrdiff_t h_lo, ptrdiff_t h_hi, ptrdiff_t w_lo,
                      ptrdiff_t w_hi, float *dst) {
  for (ptrdiff_t c = 0; c < channels; c++)
    for (ptrdiff_t i = 0; i < count; i++) {
      const int64_t at = indices[c * stride + i] - first - c * plane;
      if (at < 0 || at >= plane) continue;
      const uint32_t row = (uint32_t)at / (uint32_t)width, column = (uint32_t)at % (uint32_t)width;
      if (row < h_lo || row >= h_hi || column < w_lo || column >= w_hi) continue;
      dst[((row - h_lo) * (w_hi - w_lo) + column - w_lo) * FCN_BLOCK + c] = src[i * FCN_BLOCK + c];
    }
}
