package wire

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestTheKernelSaysWhoThePeerIs(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	for _, conn := range []net.Conn{near, far} {
		if pid, user, ok := PeerOf(conn); !ok || pid != os.Getpid() || user != os.Geteuid() {
			t.Errorf("it is process %d of user %d, %t", pid, user, ok)
		}
	}
	one, other := net.Pipe()
	defer other.Close()
	defer one.Close()
	if _, _, ok := PeerOf(one); ok {
		t.Error("the peer of a pipe is known")
	}
}

func TestAnotherUserIsNotSpokenTo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	secret := NewSecret()
	unix, err := net.Listen("unix", "")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(unix, secret, 4, func(net.Conn, []byte) {})
	defer l.Close()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if _, _, failed := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), 64123, ^uintptr(0)); failed != 0 {
			t.Errorf("become another user: %v", failed)
		}
		conn, err := net.Dial("unix", l.Addr().String())
		if err == nil {
			defer conn.Close()
			if Call(conn, secret, []byte("anna")) == nil { // the secret helps nothing
				t.Error("another user was admitted")
			}
			_, err = io.ReadAll(conn)
		}
		done <- err
	}()
	<-done
	conn, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := Call(conn, secret, []byte("anna")); err != nil {
		t.Error(err)
	}
}
