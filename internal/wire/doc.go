// Package wire is how processes of this program speak to each other: values as bytes, frames with a bound, and a handshake
// that keeps strangers out.
//
// # Values
//
// [Append] writes a value and [Read] reads it. Every value stands alone: it can be read by any process of this program, in
// any order. A value is written as it lies in memory if its type is [Plain]; so are strings, and slices of both. All other
// values go by encoding/gob. A type that implements gob.GobEncoder or encoding.BinaryMarshaler always travels as it says;
// MarshalText is not asked.
//
// This changes on the way:
//
//   - An empty slice arrives as nil. An empty map does not.
//   - By gob, fields without a capital, channels and functions in a struct stay behind, and −0 in a field becomes 0.
//   - Two pointers to one thing arrive as pointers to two.
//   - What stands in an interface needs gob.Register. It arrives as the type that was registered, so a pointer may arrive as
//     what it pointed at.
//   - A time loses its monotonic reading.
//
// This is an error: a value that contains itself ([ErrCycle]), one that is deeper than 10,000 pointers, maps and slices
// ([ErrTooDeep]), a field that points to a zero value, which gob would make nil ([ErrLostPointer]), a channel or function
// alone, and by gob's own rules a nil pointer in a slice, array or map. Whether a value can be one of the first three is
// found once for each type. For other types it costs nothing.
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
