package ch2

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestThePageServerCountsRequestsForItsPageOnly(t *testing.T) {
	url, served, stop, err := servePage(0)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	host := url[:strings.LastIndex(url, "/")]
	for _, page := range []string{host, host + "/", host + "/index.html", url + "x", url + "/x"} {
		if status, _ := get(t, page); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", page, status)
		}
	}
	if n := served.Load(); n != 0 {
		t.Errorf("%d requests counted before the first for the page", n)
	}
	if status, size := get(t, url); status != http.StatusOK || size < 1<<10 {
		t.Errorf("the page: status %d, %d bytes", status, size)
	}
	if n := served.Load(); n != 1 {
		t.Errorf("%d requests counted, want 1", n)
	}
}

func get(t *testing.T, url string) (status, size int) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, len(body)
}

// A stranger's request that never ends: the server stops all the same.
func TestThePageServerStopsWhateverStrangersBegin(t *testing.T) {
	for name, request := range map[string]string{
		"nothing":                    "",
		"half a header":              "GET / HTTP/1.1\r\nHost:",
		"a body that does not come":  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
		"a body for the page":        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
		"half a chunk":               "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\nx",
		"an answer that is not read": "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			url, _, stop, err := servePage(0)
			if err != nil {
				t.Fatal(err)
			}
			host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if strings.Contains(request, "%s") {
				request = fmt.Sprintf(request, "/"+path)
			}
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			get(t, url) // so the server has accepted the stranger's connection, which came before
			stop()
		})
	}
}
