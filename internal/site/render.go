package site

import (
	"bytes"
	"embed"
	"html/template"
)

//go:embed templates
var templates embed.FS

// renderer fills the templates. They are parsed when a site is made, not when the program starts.
type renderer struct{ all map[string]*template.Template }

// frame is what every page has.
type frame struct {
	Root     string // to the site's folder: "" or "../"
	Here     string // path of the page
	Language string
	Title    string
	Serve    bool
	Version  string
	English  bool // what the page explains is English, although the language is another one
	Run      bool // a run is shown on it
	Crumbs   []link
	Body     any
}

// link is a link on a page.
type link struct{ URL, Text, Small string }

func newRenderer(t *texts) (*renderer, error) {
	r := &renderer{map[string]*template.Template{}}
	for _, name := range []string{"home", "chapter", "recipe", "glossary"} {
		parsed, err := template.New("").Funcs(template.FuncMap{"t": t.say, "html": asHTML}).ParseFS(templates, "templates/frame.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		r.all[name] = parsed
	}
	return r, nil
}

// page adds a page, which is written by the template of that name.
func (b *builder) page(name string, f frame) error {
	f.Language, f.Serve, f.Version = b.texts.name, b.Serve, b.Version
	var out bytes.Buffer
	if err := b.render.all[name].ExecuteTemplate(&out, "frame", f); err != nil {
		return err
	}
	b.add(f.Here, out.Bytes())
	return nil
}

// asHTML marks what page.HTML has made as HTML.
func asHTML(text string) template.HTML { return template.HTML(text) }
