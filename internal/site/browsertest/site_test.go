//go:build !race

package browsertest

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/cli"
	"cookbook/internal/process"
	"cookbook/internal/site"
	"cookbook/recipes"
)

// TestMain is cookbook, too: its commands run, and serve.
func TestMain(m *testing.M) {
	process.Main()
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(cli.Main(recipes.Catalog(), os.Args[1:], cli.System()))
	}
	goleak.VerifyTestMain(cleaned{m})
}

// cleaned runs tests, and then ends what they share.
type cleaned struct{ m *testing.M }

func (c cleaned) Run() int {
	code := c.m.Run()
	for _, end := range slices.Backward(atEnd) {
		end()
	}
	return code
}

var atEnd []func()

// theBrowser is the browser of all tests of the package, one after the other.
var theBrowser = sync.OnceValues(func() (*browser, error) {
	b, err := start(context.Background())
	if err == nil {
		atEnd = append(atEnd, func() { b.close() })
	}
	return b, err
})

// window returns the browser's window, as it is for a reader with a large light screen.
func window(t testing.TB) tab {
	t.Helper()
	for _, program := range []string{"chromium", "chromedriver"} {
		if _, err := exec.LookPath(program); err != nil {
			lacks(t, "chromium", err.Error())
		}
	}
	b, err := theBrowser()
	if err != nil {
		t.Fatal(err)
	}
	p := tab{b, t}
	p.screen(1280, 900, "light")
	p.complaints()
	return p
}

// lacks skips a test that wants what is not here, unless COOKBOOK_TEST_REQUIRE names it.
func lacks(t testing.TB, what, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), what) {
		t.Fatalf("COOKBOOK_TEST_REQUIRE names %s, but %s", what, why)
	}
	t.Skip(why)
}

// files are the pages, in memory.
var files = sync.OnceValues(func() (fs.FS, error) { return site.Files(site.Options{Catalog: recipes.Catalog()}) })

func pages(t testing.TB) fs.FS {
	t.Helper()
	pages, err := files()
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// served returns the address of the pages on a plain server of files, which ends with the test.
func served(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.FileServerFS(pages(t))}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

// written returns the address of the pages in a folder.
func written(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := site.Write(t.Context(), dir, site.Options{Catalog: recipes.Catalog()}, false); err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(dir) + "/"}
	return address.String()
}

// names are the paths of all pages, such as ch2/lock.html.
func names(t testing.TB) (all []string) {
	t.Helper()
	err := fs.WalkDir(pages(t), ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".html") {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
