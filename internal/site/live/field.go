package live

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// field is one field of a form. Its input has the id f-NAME; what explains it h-NAME; and what is wrong with it is shown in e-NAME.
type field struct {
	name, label, help string
	value             string   // its default
	attributes        string   // of the input, further ones
	check             bool     // it is a box to be checked
	options           []option // it is a choice
}

type option struct{ value, text string }

// fields writes a field for each flag, in the order of the help, for the arguments, and for what every recipe has.
func fields(b *strings.Builder, e catalog.Entry, t *Texts) {
	declare(e).own.VisitAll(func(f *pflag.Flag) { flagField(f, e, t).write(b) })
	if e.Args != "" {
		(&field{name: "args", label: t.Args, help: e.Args}).write(b)
	}
	usual := transcript.DefaultSpeed.String()
	speeds := []option{{"1", "1: " + t.Book}, {"5", "5"}, {usual, usual}, {"100", "100"}, {"max", "max: " + t.Max}}
	(&field{name: "speed", label: t.Speed, value: usual, options: speeds}).write(b)
	(&field{name: "seed", label: t.Seed, help: t.NewSeed, attributes: ` inputmode="numeric" pattern="[0-9]*" autocomplete="off"`}).write(b)
}

// flagField is the field of a flag of a recipe.
func flagField(f *pflag.Flag, e catalog.Entry, t *Texts) *field {
	value, usage := pflag.UnquoteUsage(f)
	in := &field{name: f.Name, label: "--" + f.Name, help: usage, value: f.DefValue, attributes: ` autocomplete="off"`}
	least, most, ranged := catalog.LimitsOf(f)
	switch kind := f.Value.Type(); {
	case f.Name == "wrong" && e.Wrong != nil:
		in.options = []option{{"", t.Itself}}
		for _, w := range e.Wrong {
			in.options = append(in.options, option{w.Name, w.Name + ": " + w.Title})
		}
	case kind == "bool":
		in.check = true
	case ranged && kind == "int":
		in.attributes = fmt.Sprintf(` type="number" step="1" min="%s" max="%s" required`, least, most)
	case value != "" && value != kind:
		in.label += " " + value
	}
	return in
}

// write writes the field.
func (f *field) write(b *strings.Builder) {
	name := escape(f.name)
	describes := ""
	if f.help != "" {
		describes = "h-" + name + " "
	}
	common := fmt.Sprintf(`id="f-%s" name="%[1]s" aria-describedby="%se-%[1]s"`, name, describes)
	label := fmt.Sprintf(`<label for="f-%s">%s</label>`, name, escape(f.label))
	switch {
	case f.check:
		fmt.Fprintf(b, "<div class=\"field check\"><input type=\"checkbox\" %s%s> %s", common, attribute("checked", f.value == "true"), label)
	case f.options != nil:
		fmt.Fprintf(b, "<div class=\"field\">%s <select %s>", label, common)
		for _, o := range f.options {
			fmt.Fprintf(b, `<option value="%s"%s>%s</option>`, escape(o.value), attribute("selected", o.value == f.value), escape(o.text))
		}
		b.WriteString("</select>")
	default:
		fmt.Fprintf(b, `<div class="field">%s <input %s value="%s"%s>`, label, common, escape(f.value), f.attributes)
	}
	if f.help != "" {
		fmt.Fprintf(b, `<p class="help" id="h-%s">%s</p>`, name, escape(f.help))
	}
	fmt.Fprintf(b, "<p class=\"fault\" id=\"e-%s\" hidden></p></div>\n", name)
}

// attribute is an attribute that has no value, where it is set.
func attribute(name string, set bool) string {
	if !set {
		return ""
	}
	return " " + name
}
