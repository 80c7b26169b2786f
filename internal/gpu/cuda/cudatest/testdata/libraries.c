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
#define MULTIPLY(T) do { \
	const T *a = p->a, *b = p->b; T *c = p->c, *column = malloc(p->m * sizeof(T)); \
	for (int j = 0; j < p->n; j++) { \
		memset(column, 0, p->m * sizeof(T)); \
		for (int l = 0; l < p->k; l++) { \
			T by = b[p->tb ? j + (size_t)l * p->ldb : l + (size_t)j * p->ldb]; \
			if (p->ta) for (int i = 0; i < p->m; i++) column[i] += a[l + (size_t)i * p->lda] * by; \
			else for (int i = 0; i < p->m; i++) column[i] += a[i + (size_t)l * p->lda] * by; \
		} \
		for (int i = 0; i < p->m; i++) { \
			T *to = &c[i + (size_t)j * p->ldc]; \
			*to = p->beta ? (T)p->alpha * column[i] + (T)p->beta * *to : (T)p->alpha * column[i]; \
		} \
	} \
	free(column); } while (0)
static void multiply(void *data) {
	product *p = data;
	if (p->twice) MULTIPLY(double); else MULTIPLY(float);
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
// dft transforms n numbers, of which the next is stride further on: by halves while it can, else as the definition says.
static void dft(const double complex *in, double complex *out, int n, int stride, int sign) {
	if (n % 2) {
		for (int k = 0; k < n; k++) {
			double complex sum = 0;
			for (int j = 0; j < n; j++) sum += in[(size_t)j * stride] * cexp(I * 2 * M_PI * sign * ((long)j * k % n) / n);
			out[k] = sum;
		}
		return;
	}
	int half = n / 2;
	dft(in, out, half, 2 * stride, sign);
	dft(in + stride, out + half, half, 2 * stride, sign);
	for (int k = 0; k < half; k++) {
		double complex even = out[k], odd = out[k + half] * cexp(I * 2 * M_PI * sign * k / n);
		out[k] = even + odd;
		out[k + half] = even - odd;
	}
}
static void run(void *data) {
	transform *t = data;
	double complex *in = malloc(t->n * sizeof *in), *out = malloc(t->n * sizeof *out);
	for (int row = 0; row < t->batch; row++) {
		size_t first = (size_t)row * t->n;
		for (int i = 0; i < t->n; i++) in[i] = t->twice ? ((double complex *)t->in)[first + i] : ((float complex *)t->in)[first + i];
		dft(in, out, t->n, 1, t->sign);
		for (int i = 0; i < t->n; i++)
			if (t->twice) ((double complex *)t->out)[first + i] = out[i]; else ((float complex *)t->out)[first + i] = out[i];
	}
	free(in); free(out);
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
