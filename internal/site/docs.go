package site

import (
	_ "embed"
	"strings"
)

//go:embed docs.txt
var docsTable string

// docs is where names are documented officially, by "python" or "go" and the name. Only names whose place is certain have one.
type docs map[[2]string]string

// The sides of a name, which are also how the columns of tables are headed.
const (
	inPython = "python"
	inGo     = "go"
)

// readDocs reads the table docs.txt.
func readDocs() docs {
	d := docs{}
	side, page := "", ""
	for line := range strings.Lines(docsTable) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(line, "#"):
		case fields[0] == inPython || fields[0] == inGo:
			side, page = fields[0], fields[1]
		default:
			for _, name := range fields {
				name, documented, other := strings.Cut(name, "=")
				if !other {
					documented = name
				}
				_, inPackage, _ := strings.Cut(documented, ".")
				d[[2]string{side, name}] = strings.NewReplacer("*", documented, "%", inPackage).Replace(page)
			}
		}
	}
	return d
}

// of returns where code is documented, such as threading.Lock or threading.Lock(timeout=1), and "" if that is not certain. Side says in which
// language it is; with another text it may be either, but not one that has a namesake in the other: threading is a package here, too.
func (d docs) of(code, side string) string {
	if side != inPython && side != inGo {
		if url := d.of(code, inGo); url != "" || strings.HasPrefix(code, "threading.") {
			return url
		}
		return d.of(code, inPython)
	}
	if url, ok := d[[2]string{side, code}]; ok {
		return url
	}
	name, rest, called := strings.Cut(code, "(")
	if !called || !strings.HasSuffix(rest, ")") || strings.ContainsAny(rest[:len(rest)-1], "()") {
		return ""
	}
	return d[[2]string{side, name}]
}
