package site

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/glossary"
	"cookbook/internal/site/live"
)

//go:embed text
var shipped embed.FS

// english is the language that has all texts.
const english = "en"

// Languages are those of which there are texts.
func Languages() []string {
	folders, _ := shipped.ReadDir("text") // which cannot fail: it is embedded
	names := make([]string, len(folders))
	for i, f := range folders {
		names[i] = f.Name()
	}
	return names
}

// LanguageError is a language of which there are no texts.
type LanguageError struct {
	Language string
	Known    []string
}

func (e *LanguageError) Error() string {
	return fmt.Sprintf("no texts in the language %q; there are: %s", e.Language, strings.Join(e.Known, ", "))
}

// texts are what the pages say in one language.
type texts struct {
	name    string
	files   fs.FS // of the language
	english fs.FS
	strings map[string]string
	run     live.Texts
}

// language reads the texts of the chosen language. Its strings may be fewer than those in English.
func (o Options) language() (*texts, error) {
	all := o.texts
	if all == nil {
		all, _ = fs.Sub(shipped, "text") // which cannot fail: the name is well-formed
	}
	name := cmp.Or(o.Language, english)
	folders, err := fs.ReadDir(all, ".")
	if err != nil {
		return nil, err
	}
	unknown := &LanguageError{Language: name}
	found := false
	for _, f := range folders {
		unknown.Known = append(unknown.Known, f.Name())
		found = found || f.Name() == name
	}
	if !found {
		return nil, unknown
	}
	t := &texts{name: name, strings: map[string]string{}}
	for _, folder := range []string{english, name} { // what the second lacks stays as it was in the first
		for file, texts := range map[string]any{"strings.json": &t.strings, "run.json": &t.run} {
			text, err := fs.ReadFile(all, path.Join(folder, file))
			if errors.Is(err, fs.ErrNotExist) && folder != english {
				continue
			}
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(text, texts); err != nil {
				return nil, fmt.Errorf("%s of the language %s: %w", file, folder, err)
			}
		}
	}
	if t.english, err = fs.Sub(all, english); err != nil {
		return nil, err
	}
	t.files, err = fs.Sub(all, name)
	return t, err
}

// say returns a text of the pages themselves, with what stands in it for the verbs of package fmt. A key without a text is a mistake in
// this package, and panics.
func (t *texts) say(key string, args ...any) string {
	s, ok := t.strings[key]
	if !ok {
		panic("site: strings.json has no text " + key)
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// has reports whether the language has a file of its own.
func (t *texts) has(name string) bool {
	_, err := fs.Stat(t.files, name)
	return t.name == english || err == nil
}

// file is a text of the pages themselves, in English if the language lacks it.
func (t *texts) file(name string) ([]byte, error) {
	text, err := fs.ReadFile(t.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fs.ReadFile(t.english, name)
	}
	return text, err
}

// words are the cookbook's own words, for the glossary.
func (t *texts) words() []byte {
	if text, err := fs.ReadFile(t.files, "glossary.md"); err == nil {
		return text
	}
	return glossary.Words
}

// translate returns the catalog whose explanations are in this language, as far as it has them.
func (t *texts) translate(c *catalog.Catalog) *catalog.Catalog {
	translated := &catalog.Catalog{}
	for _, ch := range c.Chapters {
		other := *ch
		other.Files = overlay{t.files, ch.ID(), ch.Files}
		translated.Chapters = append(translated.Chapters, &other)
	}
	return translated
}

// overlay is the files of a chapter, some in another language.
type overlay struct {
	above  fs.FS
	folder string // of the chapter, in above
	below  fs.FS
}

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.above.Open(path.Join(o.folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return o.below.Open(name)
	}
	return f, err
}
