package page

import (
	"strings"
	"testing"
)

func TestMarkdownAsHTML(t *testing.T) {
	link := func(code, column string) string {
		if code == "ch2.lock" {
			return "../ch2/lock.html"
		}
		if column == "Go" && code == "sync.Mutex" {
			return "https://pkg.go.dev/sync#Mutex"
		}
		return ""
	}
	for _, tt := range []struct{ name, src, want string }{
		{"words", "a *b* **c** `d<e`", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e</code></p>\n"},
		{"lines", "one\ntwo  \nthree", "<p>one\ntwo<br>three</p>\n"},
		{"entities and backslashes", `a &amp; b \* c & d`, "<p>a &amp; b * c &amp; d</p>\n"},
		{"lists", "- a\n- b\n\n3. c", "<ul><li>a\n</li><li>b\n</li></ul>\n<ol start=\"3\"><li>c\n</li></ol>\n"},
		{"typed", "    $ go run .\n", "<pre><code><span class=\"c\">$ </span><span class=\"t\">go run .</span></code></pre>\n"},
		{"highlighted", "```go\nif x {\n\treturn \"<\"\n}\n```", "<pre><code><span class=\"k\">if</span> x {\n\t<span class=\"k\">return</span> <span class=\"s\">&#34;&lt;&#34;</span>\n}</code></pre>\n"},
		{"links", "[a](https://b.c?d=1&e) <https://f.g>", "<p><a href=\"https://b.c?d=1&amp;e\">a</a> <a href=\"https://f.g\">https://f.g</a></p>\n"},
		{"a link that would run something", "[a](javascript:b)", "<p>a</p>\n"},
		{"code that leads somewhere", "`ch2.lock`", "<p><a href=\"../ch2/lock.html\"><code>ch2.lock</code></a></p>\n"},
		{"no link within a link", "[`ch2.lock`](https://a.b)", "<p><a href=\"https://a.b\"><code>ch2.lock</code></a></p>\n"},
		{"HTML is shown", "a <b>c</b>\n\n<script>d</script>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n<pre>&lt;script&gt;d&lt;/script&gt;</pre>\n"},
		{"an image is its words", "![a](https://b.c)", "<p>a</p>\n"},
		{"what could steer a terminal", "a\x1bb", "<p>a␛b</p>\n"},
		{
			"a table", "| Python | Go |\n| - | - |\n| `x \\| y` | `sync.Mutex` |", `<table role="table"><thead role="rowgroup"><tr role="row">` +
				`<th role="columnheader" scope="col">Python</th><th role="columnheader" scope="col">Go</th></tr></thead><tbody role="rowgroup">` +
				`<tr role="row"><td role="cell" data-label="Python"><code>x | y</code></td>` +
				`<td role="cell" data-label="Go"><a href="https://pkg.go.dev/sync#Mutex"><code>sync.<wbr>Mutex</code></a></td></tr></tbody></table>` + "\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := HTML{Link: link}.Sections([]byte(tt.src))
			if len(all) != 1 || all[0].Body != tt.want {
				t.Errorf("got %+v\nwant %s", all, tt.want)
			}
		})
	}
}

func TestATextIsDividedAtItsHeadings(t *testing.T) {
	all := HTML{}.Sections([]byte("before\n\n# One `x` & two\n\na\n*b*\n\n## Again\n\n### deeper\n\nc\n\n## Again\n"))
	want := []Section{
		{Body: "<p>before</p>\n", Text: "before"},
		{Level: 1, ID: "one-x-two", Title: "One x & two", Name: "One <code>x</code> &amp; two", Body: "<p>a\n<em>b</em></p>\n", Text: "a b"},
		{Level: 2, ID: "again", Title: "Again", Name: "Again", Body: "<h3>deeper</h3>\n<p>c</p>\n", Text: "deeper c"},
		{Level: 2, ID: "again-2", Title: "Again", Name: "Again"},
	}
	if len(all) != len(want) {
		t.Fatalf("got %+v", all)
	}
	for i := range want {
		if all[i] != want[i] {
			t.Errorf("section %d: got %+v\nwant %+v", i, all[i], want[i])
		}
	}
}

func TestLinesOfCodeCanBeFoundAndWrapped(t *testing.T) {
	got := CodeLines([]byte("/* a\n\tb */\n\n\tx := `c\n d`\n"), "go", "go-")
	want := "<span class=\"l\" id=\"go-1\"><span><span class=\"c\">/* a</span>\n</span></span>" +
		"<span class=\"l\" id=\"go-2\"><span class=\"i\">\t</span><span><span class=\"c\">b */</span>\n</span></span>" +
		"<span class=\"l\" id=\"go-3\"><span>\n</span></span>" +
		"<span class=\"l\" id=\"go-4\"><span class=\"i\">\t</span><span>x := <span class=\"s\">`c</span>\n</span></span>" +
		"<span class=\"l\" id=\"go-5\"><span class=\"i\"> </span><span><span class=\"s\">d`</span>\n</span></span>"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzHTMLClosesWhatItOpens(f *testing.F) {
	f.Add("# a\n\n- b `c`\n\n| d |\n| - |\n| [e](https://f) |\n")
	f.Fuzz(func(t *testing.T, src string) {
		for _, s := range (HTML{}).Sections([]byte(src)) {
			for _, tag := range []string{"a", "p", "code", "pre", "li", "table", "td", "em", "strong", "h3"} {
				opened := strings.Count(s.Body, "<"+tag+">") + strings.Count(s.Body, "<"+tag+" ")
				if closed := strings.Count(s.Body, "</"+tag+">"); opened != closed {
					t.Errorf("<%s> is opened %d times and closed %d times in %s", tag, opened, closed, s.Body)
				}
			}
			if strings.Contains(s.Body, "<script") || strings.Contains(s.Body, "href=\"javascript") {
				t.Errorf("it runs something: %s", s.Body)
			}
		}
	})
}
