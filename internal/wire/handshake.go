package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
)

// A connection begins with an introduction, in which both sides show that they know the secret:
//
//	caller    who it is, a number that never comes again
//	listener  another such number, and the proof over both and over what the caller said
//	caller    its own proof
//
// Neither says the secret, so that one who has taken the listener's place learns nothing. What follows is not encrypted.

// SecretSize is the size of a secret.
const SecretSize = 32

const nonceSize = 16

// ErrStranger is that the other side does not know the secret.
var ErrStranger = errors.New("the other side does not know the secret")

// NewSecret returns a secret.
func NewSecret() []byte {
	secret := make([]byte, SecretSize)
	rand.Read(secret) // never fails
	return secret
}

// proof shows that its maker knows the secret. Each side has a role of its own, so neither can repeat what the other says.
func proof(secret []byte, role string, hello, nonce []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(role))
	mac.Write(hello)
	mac.Write(nonce)
	return mac.Sum(nil)
}

// Call introduces the caller: who says who it is, in as many bytes as [Admit] wants. It returns when the listener has shown
// that it knows the secret, after one round trip, and blocks until then: set a deadline. The error is [ErrStranger] if the
// listener does not know the secret; if the caller does not, the listener closes the connection.
func Call(conn io.ReadWriter, secret, who []byte) error {
	hello := make([]byte, len(who)+nonceSize)
	rand.Read(hello[copy(hello, who):])
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	answer := make([]byte, nonceSize+sha256.Size)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	nonce := answer[:nonceSize]
	if !hmac.Equal(answer[nonceSize:], proof(secret, "listener", hello, nonce)) {
		return ErrStranger
	}
	_, err := conn.Write(proof(secret, "caller", hello, nonce))
	return err
}

// Admit is the listener's part. It returns who the caller says it is, in that many bytes, or [ErrStranger]. It reads a fixed
// number of bytes, and blocks until they come: set a deadline.
func Admit(conn io.ReadWriter, secret []byte, size int) (who []byte, err error) {
	hello := make([]byte, size+nonceSize)
	if _, err := io.ReadFull(conn, hello); err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	if _, err := conn.Write(append(nonce, proof(secret, "listener", hello, nonce)...)); err != nil {
		return nil, err
	}
	shown := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, shown); err != nil {
		return nil, err
	}
	if !hmac.Equal(shown, proof(secret, "caller", hello, nonce)) {
		return nil, ErrStranger
	}
	return hello[:size:size], nil
}
