#!/usr/bin/env bash
# Mesa 22.3.6 rusticl on llvmpipe (Debian 12: mesa-opencl-icd 22.3.6-1+deb12u2, libclc-15 1:15.0.6-4): a loop in a kernel ends silently.
#
# One expects that a loop runs to its end, or that an error says that it did not. A work-item stops looping after 65,535 rounds: the
# kernel goes on behind the loop with a result that is too small. clEnqueueNDRangeKernel, clFinish and the read all return CL_SUCCESS.
# PoCL 3.1 (pocl-opencl-icd 3.1-3+deb12u1) does all rounds of the same kernel. So test a device with a longer loop before its use.
#
# The packages have fixed paths inside (/usr/lib/clc), so a temporary folder cannot hold them: the script uses those that are installed
# and ends with exit 2 and their names where a version is not there. It needs gcc as well.
#
# Output seen, 3 runs of 3:
#   rusticl: asked for 65535 rounds, done 65535, all codes 0
#   rusticl: asked for 70000 rounds, done 65535, all codes 0
#   Portable Computing Language: asked for 65535 rounds, done 65535, all codes 0
#   Portable Computing Language: asked for 70000 rounds, done 70000, all codes 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
missing=()
for p in mesa-opencl-icd=22.3.6-1+deb12u2 libclc-15=1:15.0.6-4 pocl-opencl-icd=3.1-3+deb12u1 opencl-c-headers=3.0~2023.02.06-1 ocl-icd-libopencl1=2.3.1-1; do
	[ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2> /dev/null || true)" = "${p#*=}" ] || missing+=("$p")
done
[ ${#missing[@]} = 0 ] || { echo "not installed: ${missing[*]}; install them, for example in a container: apt-get install --no-install-recommends ${missing[*]}" >&2; exit 2; }
cat > rounds.c <<'C'
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
static void ok(cl_int e, const char *what) { if (e) { printf("%s: error %d\n", what, e); exit(2); } }
static const char *source = "__kernel void count(__global uint *p, uint n) { uint s = 0; for (uint i = 0; i < n; i++) s += p[1 + (i & 1)]; p[0] = s; }";
int main(void) {
	cl_platform_id p; cl_device_id d; cl_int e; char name[200];
	ok(clGetPlatformIDs(1, &p, NULL), "platform"); ok(clGetDeviceIDs(p, CL_DEVICE_TYPE_ALL, 1, &d, NULL), "device");
	ok(clGetPlatformInfo(p, CL_PLATFORM_NAME, sizeof name, name, NULL), "name");
	cl_context c = clCreateContext(NULL, 1, &d, NULL, NULL, &e); ok(e, "context");
	cl_program g = clCreateProgramWithSource(c, 1, &source, NULL, &e); ok(e, "program");
	ok(clBuildProgram(g, 1, &d, "", NULL, NULL), "build");
	cl_kernel k = clCreateKernel(g, "count", &e); ok(e, "kernel");
	cl_command_queue q = clCreateCommandQueue(c, d, 0, &e); ok(e, "queue");
	for (cl_uint i = 0; i < 2; i++) {
		cl_uint n = (cl_uint[]){65535, 70000}[i], host[3] = {0, 1, 1}; size_t one = 1;
		cl_mem m = clCreateBuffer(c, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, sizeof host, host, &e); ok(e, "buffer");
		ok(clSetKernelArg(k, 0, sizeof m, &m), "arg"); ok(clSetKernelArg(k, 1, sizeof n, &n), "arg");
		ok(clEnqueueNDRangeKernel(q, k, 1, NULL, &one, &one, 0, NULL, NULL), "kernel");
		ok(clFinish(q), "finish");
		ok(clEnqueueReadBuffer(q, m, CL_TRUE, 0, sizeof host, host, 0, NULL, NULL), "read");
		printf("%s: asked for %u rounds, done %u, all codes 0\n", name, n, host[0]);
		clReleaseMemObject(m);
	}
	return 0;
}
C
gcc -o rounds rounds.c -l:libOpenCL.so.1 2> gcc || { cat gcc >&2; exit 1; }
export RUSTICL_ENABLE=llvmpipe POCL_CACHE_DIR=$folder
for vendor in rusticl pocl; do
	OCL_ICD_VENDORS=/etc/OpenCL/vendors/$vendor.icd timeout 60 ./rounds | tee -a seen
done
grep -q '^rusticl: asked for 70000 rounds, done 65535,' seen && grep -q '^Portable.* 70000 rounds, done 70000,' seen || { echo "this has changed"; exit 1; }
