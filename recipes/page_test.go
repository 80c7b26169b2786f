package recipes

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cookbook/internal/catalog"
)

// eachPage runs f as a subtest for every page: the explanations of recipes and the introductions of chapters.
func eachPage(t *testing.T, f func(t *testing.T, text string)) {
	read := func(id string, text []byte, err error) {
		t.Run(id, func(t *testing.T) {
			if err != nil {
				t.Fatal(err)
			}
			f(t, string(text))
		})
	}
	for _, ch := range Catalog().Chapters {
		text, err := ch.Introduction()
		read(ch.ID(), text, err)
	}
	for _, e := range Catalog().Entries() {
		text, err := e.File(catalog.Explanation)
		read(e.ID, text, err)
	}
}

// headings are the headings of a page's sections.
func headings(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// section is the text below a heading, up to the next one.
func section(text, heading string) string {
	_, text, _ = strings.Cut(text, "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

func TestEveryChapterHasItsIntroduction(t *testing.T) {
	const most = 90 // lines
	for _, ch := range Catalog().Chapters {
		t.Run(ch.ID(), func(t *testing.T) {
			page, err := ch.Introduction()
			if err != nil {
				t.Fatal(err)
			}
			text := string(page)
			if !strings.HasPrefix(text, "# "+ch.Title+"\n") {
				t.Errorf("the first line is not # %s", ch.Title)
			}
			want := []string{"What it is about", "The words", "What builds on what", "In Python and in Go", "Where the book is wrong", "Links"}
			if got := headings(text); !slices.Equal(got, want) {
				t.Errorf("headings %q, want %q", got, want)
			}
			if !strings.Contains(section(text, "In Python and in Go"), "| Python | Go |") {
				t.Error("no table from Python to Go")
			}
			for _, r := range ch.Recipes {
				if !strings.Contains(section(text, "What builds on what"), "`"+r.ID+"`") {
					t.Errorf("What builds on what does not name %s", r.ID)
				}
			}
			if n := strings.Count(text, "\n"); n > most {
				t.Errorf("%d lines, want at most %d", n, most)
			}
			for l := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimSpace(l)); n > 120 && l[0] != '|' && !strings.Contains(l, "://") {
					t.Errorf("%d columns: %s", n, l)
				}
			}
		})
	}
}

func TestExplanationsHaveTheirHeadings(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		file, err := e.File(catalog.Explanation)
		if err != nil {
			t.Fatal(err)
		}
		text := string(file)
		got, want := headings(text), []string{"The problem", "In Python", "In Go", "What is promised"}
		if e.Wrong != nil {
			want = append(want, "What breaks it")
		}
		if optional := "Where the book is wrong"; slices.Contains(got, optional) {
			want = append(want, optional)
		}
		want = append(want, "Try", "Links")
		if !slices.Equal(got, want) {
			t.Errorf("headings %q, want %q", got, want)
		}
		if !strings.HasPrefix(text, "# "+e.Title+"\n") {
			t.Errorf("the first line is not # %s", e.Title)
		}
		if !strings.Contains(section(text, "In Python"), "| Python | Go |") {
			t.Error("In Python has no table that maps Python to Go")
		}
	})
}

func TestPagesNameOnlyRecipesThatThereAre(t *testing.T) {
	eachPage(t, func(t *testing.T, text string) {
		for _, m := range regexp.MustCompile("(?:`|cookbook [a-z]+ )(ch\\d\\.[a-z]+(-[a-z]+)*)").FindAllStringSubmatch(text, -1) {
			if e, err := Catalog().Find(m[1]); err != nil || e.ID != m[1] {
				t.Errorf("there is no recipe %s", m[1])
			}
		}
	})
}

// The hosts of official documentation.
var hosts = []string{
	"docs.python.org", "go.dev", "pkg.go.dev", "www.mpi-forum.org", "mpi4py.readthedocs.io", "www.open-mpi.org", "docs.nats.io", "docs.open-mpi.org", "man7.org",
	"rpyc.readthedocs.io", "documen.tician.de", "numba.readthedocs.io", "docs.nvidia.com", "registry.khronos.org",
}

func TestPagesLinkToOfficialDocumentation(t *testing.T) {
	const most = 3
	eachPage(t, func(t *testing.T, text string) {
		seen := map[string]bool{}
		for l := range strings.Lines(strings.TrimSpace(section(text, "Links"))) {
			m := regexp.MustCompile(`^- \[[^\]]+\]\((https://[^)]+)\)`).FindStringSubmatch(l)
			if m == nil {
				t.Errorf("%q is not an item that begins with a link to https://…", l)
				continue
			}
			address, err := url.Parse(m[1])
			if err != nil || !slices.Contains(hosts, address.Host) {
				t.Errorf("%s is not on one of %s (%v)", m[1], strings.Join(hosts, ", "), err)
			}
			if address.Host == "docs.python.org" && !strings.HasPrefix(address.Path, "/3/") {
				t.Errorf("%s is of one version of Python: want docs.python.org/3", m[1])
			}
			if seen[m[1]] {
				t.Errorf("%s stands twice", m[1])
			}
			seen[m[1]] = true
		}
		if len(seen) < 1 || len(seen) > most {
			t.Errorf("%d links, want 1 to %d", len(seen), most)
		}
		if all := strings.Count(text, "://"); all != len(seen) {
			t.Errorf("%d addresses, of which %d are links of the section Links", all, len(seen))
		}
	})
}

func ExampleCatalog() {
	for _, ch := range Catalog().Chapters {
		fmt.Println(ch.ID(), ch.Title)
	}
	// Output:
	// ch1 Parallel computing
	// ch2 Thread-based parallelism
	// ch3 Process-based parallelism
	// ch4 Asynchronous programming
	// ch5 Distributed programming
	// ch6 GPU programming
}
