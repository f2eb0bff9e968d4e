/* One enumerator: the same sources compiled for every instruction set, chosen by CPU features at run time. */
#include "fcn_kernels.h"

#include <string.h>

typedef float fcn_f4 __attribute__((ext_vector_type(4), aligned(4)));
typedef float fcn_f8 __attribute__((ext_vector_type(8), aligned(4)));
typedef float fcn_f16 __attribute__((ext_vector_type(16), aligned(4)));

#define FCN_JOIN2(a, b) a##__##b
#define FCN_JOIN(a, b) FCN_JOIN2(a, b)
#define FN(name) FCN_JOIN(fcn_f32_##name, ISA)

/* Iterations are independent: dst may equal src, element for element. */
#define EACH_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define FMA(a, b, c) ((a) * (b) + (c))

/* Even and odd elements of a pair, and its elements in turns: lower and upper half. */
#define EVEN4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define ODD4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define LOW4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define EVEN8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD8(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define LOW8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define EVEN16(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD16(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define LOW16(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH16(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define EVEN(a, b) FCN_LANES(EVEN, VL)(a, b)
#define ODD(a, b) FCN_LANES(ODD, VL)(a, b)
#define LOW(a, b) FCN_LANES(LOW, VL)(a, b)
#define HIGH(a, b) FCN_LANES(HIGH, VL)(a, b)
#define FCN_LANES(name, lanes) FCN_LANES2(name, lanes)
#define FCN_LANES2(name, lanes) name##lanes

#if defined(__aarch64__)
#define ISA neon
#define ISA_NAME "neon"
#define VL 4
#define MR 8
#define VEC fcn_f4
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#endif

#define ISA portable
#define ISA_NAME "portable"
#define VL 4
#define MR 4
#define VEC fcn_f4
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA avx2
#define ISA_NAME "avx2"
#define VL 8
#define MR 4
#define VEC fcn_f8
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"))),                   \
                             apply_to = function)
#define ISA avx512
#define ISA_NAME "avx512"
#define VL 16
#define MR 8
#define VEC fcn_f16
#include "isa.inc"
#undef ISA
#undef ISA_NAME
#undef VL
#undef MR
#undef VEC
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
  }
}
