package openmpi

import (
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/wire"
)

func TestARankKnowsWhereTheListenerIs(t *testing.T) {
	word := hex.EncodeToString(make([]byte, wire.SecretSize))
	for _, s := range []string{"", "127.0.0.1:1", "127.0.0.1:1 abc", " " + word, "127.0.0.1:1 " + word[2:]} {
		if p, err := parseAddress(s); err == nil {
			t.Errorf("%q is %v", s, p.hosts)
		}
	}
	p, err := parseAddress("10.0.0.1:5,[::1]:6 " + word)
	if err != nil || !slices.Equal(p.hosts, []string{"10.0.0.1:5", "[::1]:6"}) {
		t.Errorf("got %v, %v", p.hosts, err)
	}
}

func TestARankTriesAllAddresses(t *testing.T) {
	_, p := testListener(t, 1, nil, false)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	m := join(t, address{append([]string{nobody}, p.hosts...), p.secret}, 0)
	m.report(nil, asError(errors.New("enough"), 0))
	<-m.decided
	if _, err := (address{[]string{nobody}, p.secret}).join(0); err == nil || !strings.Contains(err.Error(), nobody) {
		t.Errorf("who finds nobody says %v", err)
	}
}

// Strangers that say nothing, or say it slowly, are more than the listener keeps.
func TestStrangersKeepNoRankFromTheListener(t *testing.T) {
	for _, strangers := range []int{37, 200, 300, 600} {
		t.Run(strconv.Itoa(strangers), func(t *testing.T) {
			const ranks = 5
			d, p := testListener(t, ranks, nil, false)
			for i := range strangers {
				conn, err := net.Dial("tcp", p.hosts[0])
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if i%2 == 0 {
					conn.Write([]byte{forOutcome})
				}
			}
			var all sync.WaitGroup
			for r := range ranks {
				all.Go(func() {
					m, err := p.join(r)
					if err != nil {
						t.Error(err)
						return
					}
					m.report([]byte("fine"), nil)
					<-m.decided
					m.leave()
				})
			}
			all.Wait()
			if results, err := d.outcome(); err != nil || len(results) != ranks {
				t.Errorf("the world came to %q, %v", results, err)
			}
		})
	}
}

// A hangsUp hangs up on the first callers.
type hangsUp struct {
	net.Listener
	left int
}

func (l *hangsUp) Accept() (net.Conn, error) {
	for ; l.left > 0; l.left-- {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		conn.Close()
	}
	return l.Listener.Accept()
}

// A listener may take a rank for the stranger that has been there longest, and hang up.
func TestARankThatIsHungUpOnCallsAgain(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secret, called := wire.NewSecret(), make(chan byte, 1)
	l := wire.Listen(&hangsUp{tcp, 3}, secret, peerSize, func(_ net.Conn, who []byte) { called <- who[0] })
	defer l.Close()
	conn, err := (address{[]string{tcp.Addr().String()}, secret}).dial(forLines, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if who := <-called; who != forLines {
		t.Errorf("the caller is for %q", who)
	}
}

func TestOtherMachinesAreGivenAllAddresses(t *testing.T) {
	here, err := hostsOf(false, 5)
	if err != nil || here != "127.0.0.1:5" {
		t.Errorf("here: %q, %v", here, err)
	}
	all, err := hostsOf(true, 5)
	if err != nil || !strings.HasSuffix(all, ":5") {
		t.Errorf("elsewhere: %q, %v", all, err)
	}
}
