package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen listens for callers of four bytes and sends each back what it is.
func listen(t *testing.T, secret []byte) *Listener {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(at, secret, 4, func(conn net.Conn, who []byte) {
		conn.Write(who)
		io.Copy(io.Discard, conn)
	})
	t.Cleanup(l.Close)
	return l
}

func dial(t *testing.T, l *Listener) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// welcome calls, and is told who it is.
func welcome(t *testing.T, l *Listener, secret []byte) net.Conn {
	t.Helper()
	conn := dial(t, l)
	if err := Call(conn, secret, []byte("anna")); err != nil {
		t.Fatal(err)
	}
	who := make([]byte, 4)
	if _, err := io.ReadFull(conn, who); err != nil || string(who) != "anna" {
		t.Fatalf("the listener says %q, %v", who, err)
	}
	return conn
}

func TestACallerThatKnowsTheSecretIsServed(t *testing.T) {
	secret := NewSecret()
	l := listen(t, secret)
	welcome(t, l, secret)
	welcome(t, l, secret)
}

func TestStrangersAreSentAway(t *testing.T) {
	secret := NewSecret()
	l := listen(t, secret)
	if err := Call(dial(t, l), NewSecret(), []byte("anna")); !errors.Is(err, ErrStranger) {
		t.Errorf("a caller with another secret finds: %v", err)
	}
	hello := make([]byte, 4+nonceSize)
	for name, says := range map[string][]byte{
		"nothing":      {},
		"half a hello": hello[:9],
		"no proof":     hello,
		"a wrong one":  append(hello[:len(hello):len(hello)], make([]byte, 32)...),
		"a browser":    []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"other things": bytes.Repeat([]byte{0xff}, 1<<16),
	} {
		conn := dial(t, l)
		conn.Write(says)
		conn.CloseWrite()
		if got, _ := io.ReadAll(conn); len(got) > nonceSize+32 {
			t.Errorf("%s got %d bytes", name, len(got))
		}
	}
	welcome(t, l, secret)
}

func TestSilentStrangersKeepNobodyOut(t *testing.T) {
	secret := NewSecret()
	l := listen(t, secret)
	var silent []net.Conn
	for range 2*maxStrangers + 10 {
		silent = append(silent, dial(t, l))
	}
	welcome(t, l, secret)
	l.mu.Lock()
	if n := len(l.strangers); n > maxStrangers {
		t.Errorf("%d strangers are kept", n)
	}
	l.mu.Unlock()
	silent[0].SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := silent[0].Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the stranger that came first was not sent away: %v", err)
	}
}

func TestALateCallerIsNotServed(t *testing.T) {
	secret := NewSecret()
	l := listen(t, secret)
	served, silent := welcome(t, l, secret), dial(t, l)
	silent.Write(make([]byte, 4+nonceSize))
	if _, err := io.ReadFull(silent, make([]byte, nonceSize+32)); err != nil {
		t.Fatal(err)
	}
	l.Shut()
	if n, err := silent.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a stranger read %d bytes, %v", n, err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it still listens")
	}
	served.Close()
	l.Wait() // for the one that was served as long as it liked
}

func TestCloseHangsUpOnEveryone(t *testing.T) {
	secret := NewSecret()
	l := listen(t, secret)
	served, silent := welcome(t, l, secret), dial(t, l)
	l.Close()
	for _, conn := range []net.Conn{served, silent} {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("read %d bytes, %v", n, err)
		}
	}
}

// overheard is a connection whose other side has said what it will.
type overheard struct {
	io.Reader
	io.Writer
}

func FuzzNobodyIsAdmittedWithoutTheSecret(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 60))
	secret := bytes.Repeat([]byte{7}, SecretSize)
	f.Fuzz(func(t *testing.T, says []byte) {
		var answer bytes.Buffer
		if who, err := Admit(overheard{bytes.NewReader(says), &answer}, secret, 4); err == nil {
			t.Errorf("admitted as %q", who)
		}
		if bytes.Contains(answer.Bytes(), secret) || answer.Len() > nonceSize+32 {
			t.Errorf("the listener said %d bytes", answer.Len())
		}
		if err := Call(overheard{bytes.NewReader(says), io.Discard}, secret, []byte("anna")); err == nil {
			t.Error("a caller trusts a listener that does not know the secret")
		}
	})
}
