// What the stand-ins share: those functions of the driver that the others call.
#pragma once
#include <stddef.h>

typedef int CUresult;

// fakeEnqueue puts work into a stream: run(data) is called when somebody waits for the stream. It returns 201 if no context is
// current on the thread, 400 if the stream is none.
CUresult fakeEnqueue(void *stream, void (*run)(void *data), void *data);

// fakeCount counts something that is alive; by is 1 or -1.
void fakeCount(const char *what, int by);
