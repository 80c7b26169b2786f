// A stand-in for NVIDIA's driver, libcuda.so.1, that runs on the processor. It is strict where the real one is: contexts must be
// current on the calling thread, handles must be alive, copies must stay inside of allocations. It is lazy, which the real one may be:
// what is put into a stream runs only when somebody waits for it. Memory is full of rubbish when it is new.
//
// Tests make it fail with fakeFail, and ask fakeLive what has not been given back.
#define _GNU_SOURCE
#include "cuda.h"
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_DEVICE = 101, INVALID_IMAGE = 200, INVALID_CONTEXT = 201,
       INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // held in every call
static int started, devices = 2, driver = 12040, kernelThreads = 1024;
static size_t memory = 1 << 30, used;

// Objects are never freed, so that the use of a dead one is noticed.
enum kind { CONTEXT, STREAM, EVENT, MODULE, FUNCTION };
typedef struct command { struct command *next; void (*run)(void *); void *data; } command;
typedef struct object {
	enum kind kind;
	int alive;
	struct object *context, *next; // next: of the list of streams
	command *first, **last;        // stream
	int recorded, done;            // event: times recorded and reached
	double ms;
	void *library;                 // module
	void (*launch)(void **, const unsigned *, const unsigned *, unsigned); // function
	int count;                     // function: of its parameters
	int refs, failed;              // context: failed is what all calls return from then on
} object;
static object contexts[2], *streams;
static __thread object *current;

typedef struct block { struct block *next; char *at; size_t size; } block;
static block *blocks;

static struct { const char *what; long live; } counts[] = {{"context", 0}, {"stream", 0}, {"event", 0}, {"module", 0}, {"memory", 0},
	{"blas", 0}, {"plan", 0}, {"generator", 0}};
void fakeCount(const char *what, int by) {
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (!strcmp(counts[i].what, what)) __atomic_add_fetch(&counts[i].live, by, __ATOMIC_SEQ_CST);
}
long fakeLive(const char *what) {
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (!strcmp(counts[i].what, what)) return __atomic_load_n(&counts[i].live, __ATOMIC_SEQ_CST);
	return -1;
}

// A call of the named function returns a code: after that many that go well. "kernel" is a kernel that runs.
static struct { char name[64]; int code, after; } fault;
void fakeFail(const char *name, int code, int after) {
	pthread_mutex_lock(&lock);
	strncpy(fault.name, name, sizeof fault.name - 1);
	fault.code = code;
	fault.after = after;
	pthread_mutex_unlock(&lock);
}
// fakeFailed reports whether what fakeFail asked for has happened.
int fakeFailed(void) { return !fault.name[0]; }
// fakeHeal forgets all failures, as a new process would.
void fakeHeal(void) {
	pthread_mutex_lock(&lock);
	fault.name[0] = 0;
	contexts[0].failed = contexts[1].failed = 0;
	pthread_mutex_unlock(&lock);
}
void fakeDevices(int n) { devices = n; }
void fakeKernelThreads(int n) { kernelThreads = n; } // of a block, that all kernels take

static int faulty(const char *name) {
	if (strcmp(fault.name, name) || fault.after-- > 0) return 0;
	fault.name[0] = 0;
	return fault.code;
}

// enter begins each call: it holds the lock and says what is wrong already.
static CUresult enter(const char *name, int needsContext) {
	pthread_mutex_lock(&lock);
	int code = faulty(name);
	if (code) return code;
	if (!started) return NOT_INITIALIZED;
	if (!needsContext) return OK;
	if (!current || !current->refs) return INVALID_CONTEXT;
	return current->failed;
}
#define ENTER(needsContext) CUresult rc = enter(__func__, needsContext); if (rc) goto out
#define FAIL(code) do { rc = (code); goto out; } while (0)
#define RETURN out: pthread_mutex_unlock(&lock); return rc

static object *create(enum kind kind, const char *what) {
	object *o = calloc(1, sizeof *o);
	o->kind = kind; o->alive = 1; o->context = current; o->last = &o->first;
	if (what) fakeCount(what, 1);
	return o;
}
// is reports whether a handle is alive, of the kind, and of the current context.
static int is(object *o, enum kind kind) { return o && o->alive && o->kind == kind && o->context == current; }

static void push(object *stream, void (*run)(void *), void *data) {
	command *c = calloc(1, sizeof *c);
	c->run = run; c->data = data;
	*stream->last = c; stream->last = &c->next;
}
// drain runs what is in a stream.
static CUresult drain(object *stream) {
	while (stream->first) {
		command *c = stream->first;
		if (!stream->context->failed) c->run(c->data);
		stream->first = c->next;
		free(c);
	}
	stream->last = &stream->first;
	return stream->context->failed;
}
static void drainAll(void) {
	for (object *s = streams; s; s = s->next) if (s->alive) drain(s);
}
CUresult fakeEnqueue(void *stream, void (*run)(void *), void *data) {
	ENTER(1);
	if (!is(stream, STREAM)) FAIL(INVALID_HANDLE);
	push(stream, run, data);
	RETURN;
}

// inside reports whether bytes of device memory are inside of one allocation.
static int inside(uintptr_t at, size_t size) {
	for (block *b = blocks; b; b = b->next)
		if (at >= (uintptr_t)b->at && size <= b->size && at - (uintptr_t)b->at <= b->size - size) return 1;
	return 0;
}

CUresult cuInit(unsigned flags) {
	pthread_mutex_lock(&lock);
	CUresult rc = faulty(__func__);
	if (!rc) started = 1;
	pthread_mutex_unlock(&lock);
	return rc;
}
CUresult cuDriverGetVersion(int *version) { *version = driver; return OK; }
CUresult cuGetErrorName(CUresult code, const char **text) {
	static const struct { int code; const char *name; } names[] = {{1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"},
		{3, "CUDA_ERROR_NOT_INITIALIZED"}, {100, "CUDA_ERROR_NO_DEVICE"}, {101, "CUDA_ERROR_INVALID_DEVICE"}, {201, "CUDA_ERROR_INVALID_CONTEXT"},
		{400, "CUDA_ERROR_INVALID_HANDLE"}, {500, "CUDA_ERROR_NOT_FOUND"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
		{803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (names[i].code == code) { *text = names[i].name; return OK; }
	*text = NULL;
	return INVALID_VALUE;
}
CUresult cuGetErrorString(CUresult code, const char **text) {
	CUresult rc = cuGetErrorName(code, text);
	if (!rc) *text = "what the driver says of it";
	return rc;
}
CUresult cuDeviceGetCount(int *count) { ENTER(0); *count = devices; RETURN; }
CUresult cuDeviceGet(int *device, int i) { ENTER(0); if (i < 0 || i >= devices) FAIL(INVALID_DEVICE); *device = i; RETURN; }
CUresult cuDeviceGetName(char *name, int size, int device) {
	ENTER(0);
	strncpy(name, device ? "Stand-in  GPU B" : "Stand-in GPU A", size);
	RETURN;
}
CUresult cuDeviceTotalMem_v2(size_t *bytes, int device) { ENTER(0); *bytes = memory; RETURN; }
CUresult cuDeviceGetAttribute(int *value, int what, int device) {
	ENTER(0);
	switch (what) {
	case 1: case 2: case 3: *value = 1024; break;
	case 4: *value = 64; break;
	case 5: *value = 0x7fffffff; break;
	case 6: case 7: *value = 65535; break;
	case 8: *value = 48 << 10; break;
	case 9: *value = 64 << 10; break;
	case 13: *value = 1500000; break;
	case 16: *value = 4; break;
	case 75: *value = device ? 12 : 9; break;
	case 76: *value = 0; break;
	default: FAIL(INVALID_VALUE);
	}
	RETURN;
}

CUresult cuDevicePrimaryCtxRetain(object **context, int device) {
	ENTER(0);
	if (device < 0 || device >= devices) FAIL(INVALID_DEVICE);
	*context = &contexts[device];
	contexts[device].refs++;
	fakeCount("context", 1);
	RETURN;
}
CUresult cuDevicePrimaryCtxRelease_v2(int device) {
	ENTER(0);
	if (device < 0 || device >= devices || !contexts[device].refs) FAIL(INVALID_CONTEXT);
	contexts[device].refs--;
	fakeCount("context", -1);
	RETURN;
}
CUresult cuCtxSetCurrent(object *context) {
	ENTER(0);
	if (context && !context->refs) FAIL(INVALID_CONTEXT);
	current = context;
	RETURN;
}

CUresult cuMemAlloc_v2(uintptr_t *at, size_t size) {
	ENTER(1);
	if (!size) FAIL(INVALID_VALUE);
	if (size > memory - used) FAIL(OUT_OF_MEMORY);
	block *b = malloc(sizeof *b);
	b->at = aligned_alloc(256, (size + 255) / 256 * 256);
	b->size = size;
	memset(b->at, 0xA5, size);
	b->next = blocks; blocks = b;
	used += size;
	fakeCount("memory", 1);
	*at = (uintptr_t)b->at;
	RETURN;
}
CUresult cuMemFree_v2(uintptr_t at) {
	ENTER(1);
	drainAll();
	for (block **p = &blocks; *p; p = &(*p)->next)
		if ((uintptr_t)(*p)->at == at) {
			block *b = *p;
			*p = b->next;
			memset(b->at, 0x5A, b->size);
			used -= b->size;
			free(b->at); free(b);
			fakeCount("memory", -1);
			goto out;
		}
	rc = INVALID_VALUE;
	RETURN;
}
typedef struct { void *to; const void *from; size_t size; int fill; } copy;
static void runCopy(void *data) {
	copy *c = data;
	if (c->from) memcpy(c->to, c->from, c->size); else memset(c->to, c->fill, c->size);
	free(c);
}
static CUresult pushCopy(object *stream, void *to, const void *from, size_t size, int fill, int good) {
	if (!is(stream, STREAM)) return INVALID_HANDLE;
	if (!good || !size) return INVALID_VALUE;
	copy *c = malloc(sizeof *c);
	*c = (copy){to, from, size, fill};
	push(stream, runCopy, c);
	return OK;
}
CUresult cuMemsetD8Async(uintptr_t at, unsigned char value, size_t n, object *stream) {
	ENTER(1); rc = pushCopy(stream, (void *)at, NULL, n, value, inside(at, n)); RETURN;
}
CUresult cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t n, object *stream) {
	ENTER(1); rc = pushCopy(stream, (void *)to, from, n, 0, from && inside(to, n)); RETURN;
}
CUresult cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t n, object *stream) {
	ENTER(1); rc = pushCopy(stream, to, (void *)from, n, 0, to && inside(from, n)); RETURN;
}
CUresult cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t n, object *stream) {
	ENTER(1); rc = pushCopy(stream, (void *)to, (void *)from, n, 0, inside(to, n) && inside(from, n)); RETURN;
}

CUresult cuStreamCreate(object **stream, unsigned flags) {
	ENTER(1);
	*stream = create(STREAM, "stream");
	(*stream)->next = streams; streams = *stream;
	RETURN;
}
CUresult cuStreamDestroy_v2(object *stream) {
	ENTER(1);
	if (!is(stream, STREAM)) FAIL(INVALID_HANDLE);
	drain(stream);
	stream->alive = 0;
	fakeCount("stream", -1);
	RETURN;
}
CUresult cuStreamSynchronize(object *stream) { ENTER(1); rc = is(stream, STREAM) ? drain(stream) : INVALID_HANDLE; RETURN; }

static void reach(void *data) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	((object *)data)->ms = t.tv_sec * 1e3 + t.tv_nsec / 1e6;
	((object *)data)->done++;
}
CUresult cuEventCreate(object **event, unsigned flags) { ENTER(1); *event = create(EVENT, "event"); RETURN; }
CUresult cuEventDestroy_v2(object *event) {
	ENTER(1);
	if (!is(event, EVENT)) FAIL(INVALID_HANDLE);
	event->alive = 0;
	fakeCount("event", -1);
	RETURN;
}
CUresult cuEventRecord(object *event, object *stream) {
	ENTER(1);
	if (!is(event, EVENT) || !is(stream, STREAM)) FAIL(INVALID_HANDLE);
	event->recorded++;
	push(stream, reach, event);
	RETURN;
}
CUresult cuEventSynchronize(object *event) {
	ENTER(1);
	if (!is(event, EVENT)) FAIL(INVALID_HANDLE);
	if (event->done < event->recorded) drainAll();
	rc = current->failed;
	RETURN;
}
CUresult cuEventElapsedTime(float *ms, object *from, object *to) {
	ENTER(1);
	if (!is(from, EVENT) || !is(to, EVENT) || !from->recorded || !to->recorded) FAIL(INVALID_HANDLE);
	if (from->done < from->recorded || to->done < to->recorded) FAIL(NOT_READY);
	*ms = to->ms - from->ms;
	RETURN;
}

// An image is what the stand-in of NVRTC makes: a text with the name of a library.
CUresult cuModuleLoadData(object **module, const char *image) {
	ENTER(1);
	void *library = NULL;
	int machine = current == &contexts[0]; // the other device is newer than the compiler
	if (!strncmp(image, machine ? "\177ELF " : "//PTX ", 6 - machine)) library = dlopen(image + 6 - machine, RTLD_NOW | RTLD_LOCAL);
	if (!library) FAIL(INVALID_IMAGE);
	*module = create(MODULE, "module");
	(*module)->library = library;
	RETURN;
}
CUresult cuModuleUnload(object *module) {
	ENTER(1);
	if (!is(module, MODULE)) FAIL(INVALID_HANDLE);
	drainAll();
	dlclose(module->library);
	module->alive = 0;
	fakeCount("module", -1);
	RETURN;
}
CUresult cuModuleGetFunction(object **function, object *module, const char *name) {
	ENTER(1);
	if (!is(module, MODULE)) FAIL(INVALID_HANDLE);
	char launch[300] = "launch_", count[300] = "count_";
	strncat(launch, name, 256);
	strncat(count, name, 256);
	void *at = dlsym(module->library, launch);
	if (!at) FAIL(NOT_FOUND);
	*function = create(FUNCTION, NULL);
	(*function)->launch = (void (*)(void **, const unsigned *, const unsigned *, unsigned))at;
	(*function)->count = ((int (*)(void))dlsym(module->library, count))();
	RETURN;
}
CUresult cuFuncGetAttribute(int *value, int what, object *function) {
	ENTER(1);
	if (!is(function, FUNCTION)) FAIL(INVALID_HANDLE);
	*value = what == 0 ? kernelThreads : 0;
	RETURN;
}

typedef struct { object *function; unsigned grid[3], block[3], shared; void *parameters[64]; char values[64][8]; } launch;
static void *runThread(void *data) {
	launch *l = data;
	l->function->launch(l->parameters, l->grid, l->block, l->shared);
	return NULL;
}
// runLaunch runs a kernel on a thread of its own, where no signal disturbs the switching of stacks.
static void runLaunch(void *data) {
	launch *l = data;
	int code = faulty("kernel");
	if (code) {
		l->function->context->failed = code;
	} else {
		sigset_t all, old;
		pthread_t thread;
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		pthread_create(&thread, NULL, runThread, l);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_join(thread, NULL);
	}
	free(l);
}
CUresult cuLaunchKernel(object *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
		object *stream, void **parameters, void **extra) {
	ENTER(1);
	if (!is(function, FUNCTION) || !is(stream, STREAM)) FAIL(INVALID_HANDLE);
	if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || !bx || !by || !bz || bx * by * bz > (unsigned)kernelThreads || bz > 64 || shared > 48 << 10 || extra)
		FAIL(INVALID_VALUE);
	launch *l = calloc(1, sizeof *l);
	*l = (launch){function, {gx, gy, gz}, {bx, by, bz}, shared};
	for (int i = 0; i < 64 && i < function->count; i++) {
		memcpy(l->values[i], parameters[i], 8);
		l->parameters[i] = l->values[i];
	}
	push(stream, runLaunch, l);
	RETURN;
}
