// Stand-ins for cuBLAS, cuFFT and cuRAND: the few functions that are used, computed on the processor in the stream's order. Matrices
// are stored by columns, as in BLAS. The numbers are random enough for a test, and those of a seed.
#include "cuda.h"
#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { void *stream; uint64_t seed; int n, batch, twice; } handle;

static int property(int what, int *value) { *value = (int[]){12, 4, what}[what]; return 0; }
int cublasGetProperty(int what, int *value) { return property(what, value); }
int cufftGetProperty(int what, int *value) { return property(what, value); }
int curandGetProperty(int what, int *value) { return property(what, value); }

static handle *create(const char *what) { fakeCount(what, 1); return calloc(1, sizeof(handle)); }
static int destroy(handle *h, const char *what) { fakeCount(what, -1); free(h); return 0; }

int cublasCreate_v2(handle **h) { *h = create("blas"); return 0; }
int cublasDestroy_v2(handle *h) { return destroy(h, "blas"); }
int cublasSetStream_v2(handle *h, void *stream) { h->stream = stream; return 0; }

typedef struct { int twice, ta, tb, m, n, k, lda, ldb, ldc; double alpha, beta; void *a, *b, *c; } product;
static double get(int twice, void *x, size_t i) { return twice ? ((double *)x)[i] : ((float *)x)[i]; }
static void multiply(void *data) {
	product *p = data;
	for (int i = 0; i < p->m; i++)
		for (int j = 0; j < p->n; j++) {
			double sum = 0;
			for (int l = 0; l < p->k; l++)
				sum += get(p->twice, p->a, p->ta ? l + (size_t)i * p->lda : i + (size_t)l * p->lda) *
					get(p->twice, p->b, p->tb ? j + (size_t)l * p->ldb : l + (size_t)j * p->ldb);
			size_t at = i + (size_t)j * p->ldc;
			double value = p->alpha * sum + (p->beta ? p->beta * get(p->twice, p->c, at) : 0);
			if (p->twice) ((double *)p->c)[at] = value; else ((float *)p->c)[at] = value;
		}
	free(p);
}
static int gemm(handle *h, product p) {
	if (!h || p.lda < (p.ta ? p.k : p.m) || p.ldb < (p.tb ? p.n : p.k) || p.ldc < p.m) return 7; // CUBLAS_STATUS_INVALID_VALUE
	product *q = malloc(sizeof *q);
	*q = p;
	return fakeEnqueue(h->stream, multiply, q) ? 13 : 0;
}
int cublasSgemm_v2(handle *h, int ta, int tb, int m, int n, int k, const float *alpha, void *a, int lda, void *b, int ldb, const float *beta, void *c, int ldc) {
	return gemm(h, (product){0, ta, tb, m, n, k, lda, ldb, ldc, *alpha, *beta, a, b, c});
}
int cublasDgemm_v2(handle *h, int ta, int tb, int m, int n, int k, const double *alpha, void *a, int lda, void *b, int ldb, const double *beta, void *c, int ldc) {
	return gemm(h, (product){1, ta, tb, m, n, k, lda, ldb, ldc, *alpha, *beta, a, b, c});
}

// A plan is a number, as in cuFFT.
static handle *plans[100];
int cufftPlanMany(int *plan, int rank, int *n, int *inembed, int istride, int idist, int *onembed, int ostride, int odist, int type, int batch) {
	if (rank != 1 || *n < 1 || istride != 1 || ostride != 1 || idist != *n || odist != *n || (type != 0x29 && type != 0x69)) return 4;
	for (int i = 1; i < 100; i++)
		if (!plans[i]) {
			plans[i] = create("plan");
			plans[i]->n = *n; plans[i]->batch = batch; plans[i]->twice = type == 0x69;
			*plan = i;
			return 0;
		}
	return 2;
}
int cufftDestroy(int plan) { handle *h = plans[plan]; plans[plan] = NULL; return destroy(h, "plan"); }
int cufftSetStream(int plan, void *stream) { plans[plan]->stream = stream; return 0; }

typedef struct { int n, batch, twice, sign; void *in, *out; } transform;
static void run(void *data) {
	transform *t = data;
	double unit = 2 * M_PI * t->sign / t->n;
	for (int row = 0; row < t->batch; row++)
		for (int k = 0; k < t->n; k++) {
			double complex sum = 0;
			for (int j = 0; j < t->n; j++) {
				size_t at = (size_t)row * t->n + j;
				sum += (t->twice ? ((double complex *)t->in)[at] : ((float complex *)t->in)[at]) * cexp(I * unit * ((long)j * k % t->n));
			}
			size_t at = (size_t)row * t->n + k;
			if (t->twice) ((double complex *)t->out)[at] = sum; else ((float complex *)t->out)[at] = sum;
		}
	free(t);
}
static int exec(int plan, int twice, void *in, void *out, int sign) {
	handle *h = plans[plan];
	if (!h || h->twice != twice || (sign != 1 && sign != -1)) return 4;
	transform *t = malloc(sizeof *t);
	*t = (transform){h->n, h->batch, twice, sign, in, out};
	return fakeEnqueue(h->stream, run, t) ? 6 : 0;
}
int cufftExecC2C(int plan, void *in, void *out, int direction) { return exec(plan, 0, in, out, direction); }
int cufftExecZ2Z(int plan, void *in, void *out, int direction) { return exec(plan, 1, in, out, direction); }

int curandCreateGenerator(handle **h, int type) { if (type != 161) return 103; *h = create("generator"); return 0; }
int curandDestroyGenerator(handle *h) { return destroy(h, "generator"); }
int curandSetStream(handle *h, void *stream) { h->stream = stream; return 0; }
int curandSetPseudoRandomGeneratorSeed(handle *h, unsigned long long seed) { h->seed = seed; return 0; }
int curandSetGeneratorOffset(handle *h, unsigned long long offset) { return offset ? 103 : 0; }
typedef struct { uint64_t seed; float *out; size_t n; } numbers;
static void generate(void *data) {
	numbers *r = data;
	for (size_t i = 0; i < r->n; i++) {
		uint64_t x = (r->seed + i + 1) * 0x9E3779B97F4A7C15u;
		x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
		x = (x ^ x >> 27) * 0x94D049BB133111EBu;
		r->out[i] = ((x >> 40) + 1) / 16777216.0f;
	}
	free(r);
}
int curandGenerateUniform(handle *h, float *out, size_t n) {
	numbers *r = malloc(sizeof *r);
	*r = (numbers){h->seed, out, n};
	return fakeEnqueue(h->stream, generate, r) ? 201 : 0;
}
