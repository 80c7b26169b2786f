package openmpi

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// addressVariable tells a rank that mpirun starts where the listener is, and the secret: addresses with a comma between, a
// space, and the secret in hexadecimal.
const addressVariable = "COOKBOOK_MPI"

const (
	// dialLimit is how long a rank tries to reach the listener at one address.
	dialLimit = 5 * time.Second
	// redialAfter is how long it waits before it calls again.
	redialAfter = 10 * time.Millisecond
)

// An address is where a listener is, and the secret that it wants to be known.
type address struct {
	hosts  []string // each with its port
	secret []byte
}

func parseAddress(s string) (address, error) {
	hosts, word, _ := strings.Cut(s, " ")
	secret, err := hex.DecodeString(word)
	if err != nil || len(secret) != wire.SecretSize || hosts == "" {
		return address{}, fmt.Errorf("%s=%q does not say where the results go", addressVariable, hosts)
	}
	return address{strings.Split(hosts, ","), secret}, nil
}

// dial connects to the listener, at the first of its hosts that answers.
func (a address) dial(purpose byte, rank int) (net.Conn, error) {
	var all error
	for _, host := range a.hosts {
		conn, err := a.dialHost(host, peer{purpose, rank, os.Getpid()}.encode())
		if err == nil {
			return conn, nil
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", host, err))
	}
	return nil, fmt.Errorf("rank %d cannot reach the process that started it: %w", rank, all)
}

// dialHost connects to the listener at one address. A listener that many strangers call at once may hang up: then it is called
// again.
func (a address) dialHost(host string, who []byte) (net.Conn, error) {
	until := time.Now().Add(dialLimit)
	for {
		conn, err := net.DialTimeout("tcp", host, time.Until(until))
		if err != nil {
			return nil, err
		}
		conn.SetDeadline(until)
		if err = wire.Call(conn, a.secret, who); err == nil {
			return conn, conn.SetDeadline(time.Time{})
		}
		conn.Close()
		if errors.Is(err, wire.ErrStranger) || time.Until(until) < redialAfter {
			return nil, err
		}
		time.Sleep(redialAfter)
	}
}

// listenFor listens for n ranks, of this machine or of others, and says where, as parseAddress reads it. If share, all ranks
// get all results.
func listenFor(n int, remote bool, j job, log *transcript.Log, share bool) (*listener, string, error) {
	local := "127.0.0.1:0"
	if remote {
		local = ":0"
	}
	secret := wire.NewSecret()
	l, err := listen(local, secret, n, j, log, share, !share && !remote)
	if err != nil {
		return nil, "", err
	}
	hosts, err := hostsOf(remote, l.port())
	if err != nil {
		l.close()
		return nil, "", err
	}
	return l, hosts + " " + hex.EncodeToString(secret), nil
}

// hostsOf is where ranks find a listener: here, or by any of the addresses that other machines may know this one by.
func hostsOf(remote bool, port int) (string, error) {
	if !remote {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return "", fmt.Errorf("find the addresses of this machine: %w", err)
	}
	var known, last []string
	for _, a := range all {
		ip, ok := a.(*net.IPNet)
		switch {
		case !ok || ip.IP.IsLinkLocalUnicast():
		case ip.IP.IsLoopback():
			last = append(last, net.JoinHostPort(ip.IP.String(), strconv.Itoa(port)))
		default:
			known = append(known, net.JoinHostPort(ip.IP.String(), strconv.Itoa(port)))
		}
	}
	return strings.Join(append(known, last...), ","), nil
}
