// A stand-in for NVIDIA's compiler, libnvrtc.so: it lets g++ compile the kernels for the processor. What it returns as PTX or as
// machine code is the name of the library that came of it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6 };
typedef struct { char *source, *name, *log, ptx[400], cubin[400]; } program;
static const int archs[] = {75, 80, 86, 89, 90};
static long live;

long fakeLivePrograms(void) { return __atomic_load_n(&live, __ATOMIC_SEQ_CST); }

int nvrtcVersion(int *major, int *minor) { *major = 12; *minor = 4; return OK; }
int nvrtcGetNumSupportedArchs(int *n) { *n = sizeof archs / sizeof *archs; return OK; }
int nvrtcGetSupportedArchs(int *to) { memcpy(to, archs, sizeof archs); return OK; }
const char *nvrtcGetErrorString(int code) {
	switch (code) {
	case OK: return "NVRTC_SUCCESS";
	case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
	case COMPILATION: return "NVRTC_ERROR_COMPILATION";
	}
	return "NVRTC_ERROR_unknown";
}
int nvrtcCreateProgram(program **p, const char *source, const char *name, int headers, const char **h, const char **n) {
	if (!source || !name || headers) return INVALID_INPUT;
	*p = calloc(1, sizeof **p);
	(*p)->source = strdup(source); (*p)->name = strdup(name); (*p)->log = strdup("");
	__atomic_add_fetch(&live, 1, __ATOMIC_SEQ_CST);
	return OK;
}
int nvrtcDestroyProgram(program **p) {
	free((*p)->source); free((*p)->name); free((*p)->log); free(*p);
	*p = NULL;
	__atomic_add_fetch(&live, -1, __ATOMIC_SEQ_CST);
	return OK;
}

// write writes the source as g++ takes it, and behind it a function for each kernel that calls it with a list of arguments.
static void writeSource(program *p, FILE *f) {
	int barriers = strstr(p->source, "__syncthreads") != NULL;
	fprintf(f, "# 1 \"%s\"\n", p->name);
	const char *s = p->source, *word = "extern __shared__", *at;
	while ((at = strstr(s, word))) { // memory whose size the launch chooses: here it has the most that there can be
		const char *end = strstr(at, "[]");
		if (!end) break;
		fwrite(s, 1, at - s, f);
		fputs("static", f);
		fwrite(at + strlen(word), 1, end - at - strlen(word), f);
		fputs("[49152]", f);
		s = end + 2;
	}
	fprintf(f, "%s\n# 1 \"launch\"\n", s);
	for (s = p->source; (s = strstr(s, "__global__ void ")); ) {
		s += strlen("__global__ void ");
		if (!strncmp(s, "__launch_bounds__(", 18)) s += strcspn(s, ")") + 2;
		int n = strcspn(s, "( ");
		fprintf(f, "extern \"C\" void launch_%.*s(void **p, const unsigned *g, const unsigned *b, unsigned) {\n"
			"standin::launch(+[](void **p) { standin::call(%.*s, p); }, p, g, b, %d); }\n"
			"extern \"C\" int count_%.*s(void) { return standin::count(%.*s); }\n", n, s, n, s, barriers, n, s, n, s);
	}
}

// readLog turns what g++ says, "name:3:4: error: text", into what NVRTC says: "name(3): error: text".
static void readLog(program *p, const char *file) {
	FILE *f = fopen(file, "r");
	char line[2000], *log = NULL;
	size_t size;
	FILE *out = open_memstream(&log, &size);
	while (f && fgets(line, sizeof line, f)) {
		char *error = strstr(line, " error: "), *colon = strchr(line, ':');
		if (error && colon && colon < error) fprintf(out, "%.*s(%d):%s", (int)(colon - line), line, atoi(colon + 1), error);
	}
	if (f) fclose(f);
	fclose(out);
	free(p->log);
	p->log = log;
}

// hash is that of FNV-1a.
static unsigned long long hash(const char *text, unsigned long long h) {
	for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h;
}

int nvrtcCompileProgram(program *p, int n, const char **options) {
	static int count;
	int fmad = 1, arch = 0;
	char kind = 0;
	for (int i = 0; i < n; i++) {
		if (!strcmp(options[i], "--fmad=false")) fmad = 0;
		else if (sscanf(options[i], "--gpu-architecture=compute_%d", &arch) == 1) kind = 'p';
		else if (sscanf(options[i], "--gpu-architecture=sm_%d", &arch) == 1) kind = 'c';
		else if (strcmp(options[i], "--std=c++17")) return INVALID_OPTION;
	}
	int known = 0;
	for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) known |= archs[i] == arch;
	if (fmad || !known) {
		free(p->log);
		p->log = strdup("nvrtc: error: invalid value for --gpu-architecture (-arch)");
		return INVALID_OPTION;
	}
	Dl_info self;
	dladdr(nvrtcCompileProgram, &self);
	char folder[200], base[300], command[2000], path[320], library[320];
	snprintf(folder, sizeof folder, "%s", self.dli_fname);
	*strrchr(folder, '/') = 0;
	snprintf(library, sizeof library, "%s/program-%llx.so", folder, hash(p->source, hash(p->name, 0xcbf29ce484222325u)));
	if (access(library, R_OK)) { // not compiled yet
		snprintf(base, sizeof base, "%s/%d-%d", folder, (int)getpid(), __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST));
		snprintf(path, sizeof path, "%s.cpp", base);
		FILE *f = fopen(path, "w");
		if (!f) return INVALID_PROGRAM;
		writeSource(p, f);
		fclose(f);
		snprintf(command, sizeof command, "g++ -std=c++17 -w -O1 -ffp-contract=off -fwrapv -shared -fPIC -include %s/kernel.h %s -o %s.so 2>%s.log && mv %s.so %s",
			folder, path, base, base, base, library);
		int failed = system(command);
		snprintf(path, sizeof path, "%s.log", base);
		if (failed) {
			readLog(p, path);
			return COMPILATION;
		}
	}
	if (kind == 'p') snprintf(p->ptx, sizeof p->ptx, "//PTX %s", library);
	else snprintf(p->cubin, sizeof p->cubin, "\177ELF %s", library);
	return OK;
}

int nvrtcGetProgramLogSize(program *p, size_t *n) { *n = strlen(p->log) + 1; return OK; }
int nvrtcGetProgramLog(program *p, char *to) { strcpy(to, p->log); return OK; }
int nvrtcGetPTXSize(program *p, size_t *n) { *n = *p->ptx ? strlen(p->ptx) + 1 : 0; return OK; }
int nvrtcGetPTX(program *p, char *to) { strcpy(to, p->ptx); return OK; }
int nvrtcGetCUBINSize(program *p, size_t *n) { *n = *p->cubin ? strlen(p->cubin) + 1 : 0; return OK; }
int nvrtcGetCUBIN(program *p, char *to) { strcpy(to, p->cubin); return OK; }
