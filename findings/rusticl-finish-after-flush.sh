#!/usr/bin/env bash
# Mesa 22.3.6 rusticl on llvmpipe (Debian 12: mesa-opencl-icd 22.3.6-1+deb12u2, libclc-15 1:15.0.6-4): clFinish does not wait for commands
# that clFlush has sent before.
#
# One expects that all commands of a queue have ended when its clFinish returns (OpenCL 1.2, section 5.13), and that what they wrote can
# then be read through another queue of the context. With a clFlush between the launch and clFinish, clFinish returns while the kernel
# still runs: a blocking read through another queue gets the memory from before the kernel in most tries. Without the clFlush it never
# did in 200 tries, nor when the read went through the kernel's own queue. All codes are CL_SUCCESS. PoCL 3.1 (pocl-opencl-icd
# 3.1-3+deb12u1) waits. What helps on rusticl is to wait for the event of the last command.
#
# The packages have fixed paths inside (/usr/lib/clc), so a temporary folder cannot hold them: the script uses those that are installed
# and ends with exit 2 and their names where a version is not there. It needs gcc as well.
#
# Output seen, 3 runs of 3, with 160 to 191 in place of 184:
#   rusticl: old memory read through the kernel's queue: 0 of 200, through the other queue: 184 of 200
#   Portable Computing Language: old memory read through the kernel's queue: 0 of 200, through the other queue: 0 of 200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
missing=()
for p in mesa-opencl-icd=22.3.6-1+deb12u2 libclc-15=1:15.0.6-4 pocl-opencl-icd=3.1-3+deb12u1 opencl-c-headers=3.0~2023.02.06-1 ocl-icd-libopencl1=2.3.1-1; do
	[ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2> /dev/null || true)" = "${p#*=}" ] || missing+=("$p")
done
[ ${#missing[@]} = 0 ] || { echo "not installed: ${missing[*]}; install them, for example in a container: apt-get install --no-install-recommends ${missing[*]}" >&2; exit 2; }
cat > finish.c <<'C'
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void ok(cl_int e, const char *what) { if (e) { printf("%s: error %d\n", what, e); exit(2); } }
enum { N = 1 << 16, TRIES = 200 };
static cl_uint host[N];
static const char *source = "__kernel void fill(__global uint *p, uint v) { p[get_global_id(0)] = v; }";
static int stale(cl_context c, cl_device_id d, cl_kernel k, int other) {
	cl_int e; int bad = 0; size_t n = N, group = 64;
	for (cl_uint i = 1; i <= TRIES; i++) {
		cl_command_queue q[2];
		for (int j = 0; j < 2; j++) { q[j] = clCreateCommandQueue(c, d, 0, &e); ok(e, "queue"); }
		memset(host, 0, sizeof host);
		cl_mem m = clCreateBuffer(c, CL_MEM_READ_WRITE, sizeof host, NULL, &e); ok(e, "buffer");
		ok(clEnqueueWriteBuffer(q[0], m, CL_TRUE, 0, sizeof host, host, 0, NULL, NULL), "write");
		ok(clFinish(q[0]), "finish 1");
		ok(clSetKernelArg(k, 0, sizeof m, &m), "arg"); ok(clSetKernelArg(k, 1, sizeof i, &i), "arg");
		ok(clEnqueueNDRangeKernel(q[1], k, 1, NULL, &n, &group, 0, NULL, NULL), "kernel");
		ok(clFlush(q[1]), "flush"); ok(clFinish(q[1]), "finish 2");
		ok(clEnqueueReadBuffer(q[other ? 0 : 1], m, CL_TRUE, 0, sizeof host, host, 0, NULL, NULL), "read");
		for (int j = 0; j < N; j++) if (host[j] != i) { bad++; break; }
		clReleaseMemObject(m);
		for (int j = 0; j < 2; j++) clReleaseCommandQueue(q[j]);
	}
	return bad;
}
int main(void) {
	cl_platform_id p; cl_device_id d; cl_int e; char name[200];
	ok(clGetPlatformIDs(1, &p, NULL), "platform"); ok(clGetDeviceIDs(p, CL_DEVICE_TYPE_ALL, 1, &d, NULL), "device");
	ok(clGetPlatformInfo(p, CL_PLATFORM_NAME, sizeof name, name, NULL), "name");
	cl_context c = clCreateContext(NULL, 1, &d, NULL, NULL, &e); ok(e, "context");
	cl_program g = clCreateProgramWithSource(c, 1, &source, NULL, &e); ok(e, "program");
	ok(clBuildProgram(g, 1, &d, "", NULL, NULL), "build");
	cl_kernel k = clCreateKernel(g, "fill", &e); ok(e, "kernel");
	int same = stale(c, d, k, 0), other = stale(c, d, k, 1);
	printf("%s: old memory read through the kernel's queue: %d of %d, through the other queue: %d of %d\n", name, same, TRIES, other, TRIES);
	return 0;
}
C
gcc -o finish finish.c -l:libOpenCL.so.1 2> gcc || { cat gcc >&2; exit 1; }
export RUSTICL_ENABLE=llvmpipe POCL_CACHE_DIR=$folder
for vendor in rusticl pocl; do
	OCL_ICD_VENDORS=/etc/OpenCL/vendors/$vendor.icd timeout 60 ./finish | tee -a seen
done
grep -Eq '^rusticl: .* queue: 0 of 200, through the other queue: [1-9]' seen && grep -q '^Portable.* queue: 0 of 200, through the other queue: 0 of' seen || { echo "this has changed"; exit 1; }
