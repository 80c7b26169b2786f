// Package distributed is the programs of chapter 5: several processes, on one machine or on many, that work together by
// messages. What it holds stands in packages of their own:
//
//   - engine: the NATS server that carries and keeps the messages, in this process or elsewhere
//   - tasks: a queue of tasks with workers, as Celery has it
//   - futures: map and reduce over worker processes, as SCOOP has them
//   - objects: objects whose methods are called from other processes, as Pyro4 has them
//   - csp: processes and channels, as PyCSP has them
//   - mapreduce: map, shuffle and reduce of large inputs, as Disco has them
//   - remote: a server that runs text it is sent, as RPyC has it
//   - registry: what workers know by name
//
// A [Run] is what nearly every such program begins with: an engine, processes, and a connection.
package distributed
