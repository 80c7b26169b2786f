package openmpi

import (
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"strings"
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
