/* What the kernels' drivers share: seeded numbers, buffers of exactly the bytes that may be touched, and comparisons
   that end the program. */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcn_kernels.h"

/* What buffers hold where nothing is to be written. */
#define FENCE 7.25e8f

static uint64_t state = 88172645463325252u;
static inline uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}
static inline ptrdiff_t in(ptrdiff_t low, ptrdiff_t high) {
  return low + (ptrdiff_t)(next() % (uint64_t)(high - low + 1));
}
static inline int chance(ptrdiff_t of) { return in(1, of) == 1; }
static inline float real(void) { return (float)(next() >> 40) / (1 << 23) - 1; }
/* Sums of a few thousand products of two are exact in float. */
static inline float eighth(void) { return (float)in(-8, 8) / 8; }

/* Everything taken since the last release. */
static void *held[256];
static int holds;

static inline void *take(ptrdiff_t bytes) {
  if (holds == sizeof held / sizeof *held) abort();
  return held[holds++] = malloc((size_t)(bytes > 0 ? bytes : 1));
}
static inline void release(void) {
  while (holds > 0) free(held[--holds]);
}

/* Floats are aligned to 4 bytes only, in one of two buffers. */
static inline float *blank(ptrdiff_t count) {
  const ptrdiff_t shift = in(0, 1);
  float *p = (float *)take((count + shift) * (ptrdiff_t)sizeof(float)) + shift;
  for (ptrdiff_t i = 0; i < count; i++) p[i] = FENCE;
  return p;
}
static inline float *floats(ptrdiff_t count) {
  float *p = blank(count);
  for (ptrdiff_t i = 0; i < count; i++) p[i] = real();
  return p;
}
static inline float *eighths(ptrdiff_t count) {
  float *p = blank(count);
  for (ptrdiff_t i = 0; i < count; i++) p[i] = eighth();
  return p;
}
static inline float *copied(const float *from, ptrdiff_t count) {
  float *p = blank(count);
  memcpy(p, from, (size_t)count * sizeof(float));
  return p;
}
/* As the weights of a file lie: at any address. */
static inline const void *loose(const float *from, ptrdiff_t count) {
  char *p = (char *)take(count * (ptrdiff_t)sizeof(float) + 3) + in(0, 3);
  memcpy(p, from, (size_t)count * sizeof(float));
  return p;
}
/* Expected values: FENCE until set. */
static inline double *fences(ptrdiff_t count) {
  double *p = take(count * (ptrdiff_t)sizeof(double));
  for (ptrdiff_t i = 0; i < count; i++) p[i] = FENCE;
  return p;
}

static long compared;
static inline void expect(double got, double wanted, double tolerance, const char *isa, const char *what) {
  compared++;
  if (got == wanted || (isnan(got) && isnan(wanted))) return;
  if (fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted))) return;
  fprintf(stderr, "%s %s: expected %.9g, got %.9g\n", isa, what, wanted, got);
  exit(1);
}
static inline void expect_all(const float *got, const double *wanted, ptrdiff_t count, double tolerance,
                              const char *isa, const char *what) {
  for (ptrdiff_t i = 0; i < count; i++) expect(got[i], wanted[i], tolerance, isa, what);
}

/* The whole driver: one check for every instruction set that this machine executes. */
static inline int sweep(const char *driver, void (*check)(const fcn_kernels *)) {
  int sets = 0;
  for (int isa = FCN_ISA_PORTABLE; isa <= FCN_ISA_NEON; isa++) {
    const fcn_kernels *k = fcn_kernels_for((enum fcn_isa)isa);
    if (!k) continue;
    sets++;
    check(k);
    printf("%s: %s clean\n", driver, k->name);
  }
  printf("%s: %d instruction sets, %ld values compared\n", driver, sets, compared);
  return 0;
}

#endif
