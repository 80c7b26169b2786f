// Package spec holds what threads wait for each other with against its specification, in tests.
//
// A [Primitive] is a lock, a queue or the like, with its operations and its sequential specification. Each operation is one word
// or a few: "acquire", "put". A [Program] is two or three threads, each a list of operations. [Explore] makes all programs of a
// size, and runs each of them in every order of its operations. The calls and returns of each run are held against the
// specification by porcupine (github.com/anishathalye/porcupine), a checker of linearizability.
//
// # What is held against the specification
//
// A call is two events: it arrives, and it goes, which gives it its result. A call that has to wait arrives long before it goes.
// So a specification can say what arrival changes (a wait on a condition releases the lock), and who is first in line. If the
// context of a call that waits ends, it leaves its line, which is an event in between.
//
// Whenever nothing can run but threads that are held before an operation, the calls that have begun and not returned must be
// calls that cannot go, by the specification. So a wake-up that is lost is seen at once, and so is one that comes late. Threads
// that wait for ever are no fault if the specification has them wait.
//
// # Where threads take turns
//
// A thread is held before each of its operations, and in two more places: where its context has ended and it is about to leave a
// line in which it was seen waiting, and where a primitive that was written for a test asks for it, by [Env.Pause]. Nowhere else
// is a thread interrupted. So what [Explore] cannot find are faults between two instructions of one operation. [Overlap] looks for
// those: the same programs, run on all processors without being held. It finds what it meets.
//
// A program that is shorter by the last operation of a thread needs no search of its own: there the thread is held before
// that operation until nothing else can go on, which is one of the orders.
package spec
