/* OpenBLAS, loaded when a matrix product first needs it: loading it starts threads that spin beside a first run. */
#ifndef FCN_OPENBLAS_H
#define FCN_OPENBLAS_H

/* Loads the library, if it is not, and sets its one thread count to 1 for the process: bits and load would depend on
   threads of its own. NULL, or why not. Any thread may call it, again and again. */
const char *fcn_openblas_load(void);

/* C[m][ldc] = alpha A B + beta C of row-major A[m][k] and B[k][n], either of them held transposed. For a library that
   is loaded. */
void fcn_openblas_sgemm(int transposes_a, int transposes_b, int m, int n, int k, float alpha, const float *a, int lda,
                        const float *b, int ldb, float beta, float *c, int ldc);

#endif
