// A libcuda.so.1 to link with where there is no driver. All its functions say that there is no device, so a program that meets it at
// run time ends with gorgonia.org/cu's message; one that runs on a real machine never sees it.
enum { noDevice = 100 };
#define FUNCTION(name, version, arguments) int name(void) __asm__(#name #version); int name(void) { return noDevice; }
#include "functions.h"
