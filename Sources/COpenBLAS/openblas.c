#include "fcn_openblas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

enum { row_major = 101, no_trans = 111, trans = 112 }; /* cblas.h */

typedef void (*sgemm_function)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                               int lda, const float *b, int ldb, float beta, float *c, int ldc);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sgemm_function sgemm;
static void (*set_threads)(int);
static char failure[512];

static void load(void) {
  static const char *const name = "libopenblas.so.0";
  /* Where the process has it already, its threads are somebody else's too. */
  const int is_shared = dlopen(name, RTLD_NOW | RTLD_NOLOAD) != NULL;
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    snprintf(failure, sizeof failure, "matrix products need OpenBLAS (Debian: libopenblas0), which does not load: %s",
             reason ? reason : name);
    return;
  }
  const sgemm_function function = (sgemm_function)dlsym(library, "cblas_sgemm");
  void (*const threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  if (!function || !threads) {
    snprintf(failure, sizeof failure, "%s is not OpenBLAS: expected cblas_sgemm and openblas_set_num_threads", name);
    return;
  }
  threads(1);
  int (*const end_threads)(void) = (int (*)(void))dlsym(library, "blas_thread_shutdown_");
  if (end_threads && !is_shared) end_threads();
  set_threads = threads;
  sgemm = function;
}

const char *fcn_openblas_load(void) {
  pthread_once(&once, load);
  if (!sgemm) return failure;
  set_threads(1); /* somebody else in the process may have set it since */
  return NULL;
}

void fcn_openblas_sgemm(int transposes_a, int transposes_b, int m, int n, int k, float alpha, const float *a, int lda,
                        const float *b, int ldb, float beta, float *c, int ldc) {
  sgemm(row_major, transposes_a ? trans : no_trans, transposes_b ? trans : no_trans, m, n, k, alpha, a, lda, b, ldb,
        beta, c, ldc);
}
