// Package wire is how processes of this program speak to each other: values as bytes, frames with a bound, and a handshake
// that keeps strangers out.
//
// # Values
//
// [Append] writes a value and [Read] reads it. Every value stands alone: it can be read by any process of this program, in
// any order. A value is written as it lies in memory if its type is [Plain]; so are strings, and slices of both. All other
// values go by encoding/gob with its rules: exported fields only; what stands in an interface needs gob.Register; nil and
// empty slices are not told apart. A type that implements gob.GobEncoder or encoding.BinaryMarshaler always travels as it
// says.
//
// Memory means the same only to the same program on the same kind of machine, so both ends have to be that.
//
// # Frames and fields
//
// A frame is a length in four bytes and that many bytes. The reader says how many it accepts, and gives a frame that lies
// about its length no memory for bytes that do not come. A field is bytes with their length before them; fields stand in
// frames.
//
// # Handshake
//
// Caller and listener know a secret. [Call] and [Admit] show each other that they do, and neither says it. A [Listener]
// accepts connections, admits the callers and hands their connections on.
package wire
