package serve_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"cookbook/internal/serve"
)

// dial connects to a server, and says something there.
func (c *client) dial(said string) *net.TCPConn {
	c.t.Helper()
	conn, err := net.Dial("tcp", c.host())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second)) // so that a test that fails ends
	io.WriteString(conn, said)
	return conn.(*net.TCPConn)
}

// post is the head of a request for a run.
func (c *client) post(headers string) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(c.URL(), "http://"), "/")
	return fmt.Sprintf("POST /%srun HTTP/1.1\r\nHost: %s\r\nOrigin: http://%[2]s\r\nContent-Type: application/json\r\n%s\r\n", path, c.host(), headers)
}

// answers checks that a page is there.
func (c *client) answers() {
	c.t.Helper()
	answer, err := c.http.Get(c.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Errorf("status %s", answer.Status)
	}
}

// A request of 10 MB is refused before it has come, with its length or without.
func TestALongRequestIsRefused(t *testing.T) {
	c := start(t, nil)
	for name, said := range map[string]string{
		"with its length": c.post("Content-Length: 10485760\r\n"),
		"in pieces":       c.post("Transfer-Encoding: chunked\r\n") + "a00000\r\n" + strings.Repeat(" ", 70<<10),
	} {
		answer, err := http.ReadResponse(bufio.NewReader(c.dial(said)), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusRequestEntityTooLarge || !answer.Close {
			t.Errorf("%s: status %s, the connection is closed: %v", name, answer.Status, answer.Close)
		}
	}
	long := c.dial("GET / HTTP/1.1\r\nHost: " + c.host() + "\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n")
	if answer, err := http.ReadResponse(bufio.NewReader(long), nil); err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("long headers: %v, %v", answer, err)
	}
	c.answers()
}

// Connections on which nothing comes are closed, the oldest first, when there are too many; a page is answered all the same.
func TestIdleConnectionsDoNotFillTheServer(t *testing.T) {
	c := start(t, nil)
	var all []net.Conn
	for range 2 * serve.MaxConns {
		all = append(all, c.dial(""))
	}
	c.answers()
	for i, conn := range all[:serve.MaxConns] {
		if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Fatalf("connection %d of %d is open: %v", i+1, len(all), err)
		}
	}
	c.answers()
}

// A reader who takes nothing has its run ended, and keeps nobody else waiting.
func TestASlowReaderIsLeft(t *testing.T) {
	c := start(t, func(s *serve.Server) { s.SetPatience(100 * time.Millisecond) })
	body := `{"recipe":"ch9.flood","page":"slow"}`
	slow := c.dial("")
	slow.SetReadBuffer(4096)
	io.WriteString(slow, c.post(fmt.Sprintf("Content-Length: %d\r\n", len(body)))+body)
	if _, err := io.ReadFull(slow, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	c.answers()
	await(t, func() (bool, string) { // until the slow one has lost its turn
		answer := c.ask(t.Context(), "slow", "ch9.say", nil, nil)
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK, answer.Status
	})
}

// A request that never comes whole is given up.
func TestARequestThatDoesNotComeIsGivenUp(t *testing.T) {
	c := start(t, func(s *serve.Server) { s.SetPatience(100 * time.Millisecond) })
	half := c.dial(c.post("Content-Length: 100\r\n") + `{"recipe":`)
	if answer, err := http.ReadResponse(bufio.NewReader(half), nil); err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("half a body: %v, %v", answer, err)
	}
}
