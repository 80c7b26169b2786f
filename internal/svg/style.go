package svg

import "strings"

// root is the class of the picture as a whole. Every rule names it, so that a picture inside a page leaves the page alone.
const root = "cookbook-picture"

// Colors is the number of classes "c0", "c1", … whose colours can be told apart, also by readers who see fewer colours.
const Colors = 5

// Dashes is the number of classes "dash0", "dash1", … whose lines can be told apart.
const Dashes = 4

// The classes of colour. A shape or a group has at most one. Without any, a shape has the colour of text.
//
//	c0 … c4   data
//	ink       the colour of text, in a group of another colour
//	muted     text and lines that stand back
//	grid      lines behind everything
//	ground    what lies under everything
//
// The colours of data began as those of Okabe and Ito (Color Universal Design, 2008). They differ in lightness, too: as
// protanopes and deuteranopes see them (Machado et al., 2009), any two are about 18 or more apart in CIELAB; this was computed once.
// In both settings they stand out from the ground by 3 to 1 (WCAG 1.4.11), and text by 4.5 to 1 (WCAG 1.4.3): a test computes
// these two.
func colors() []color {
	return []color{
		{"", "#1f2328", "#e6e8eb"},
		{"ink", "#1f2328", "#e6e8eb"},
		{"muted", "#59636e", "#9aa4af"},
		{"grid", "#dfe3e8", "#2d333b"},
		{"ground", "#ffffff", "#15181d"},
		{"c0", "#0072b2", "#56b4e9"},
		{"c1", "#d55e00", "#f0883e"},
		{"c2", "#008a64", "#1fa37c"},
		{"c3", "#cf6fa8", "#f2b3d6"},
		{"c4", "#3a3a3a", "#f0e442"},
	}
}

type color struct{ class, light, dark string }

// What the classes of shape mean. A shape has one of the first four, and what it likes of the others.
//
//	line      a line in the shape's colour, without a filling
//	fill      filled with the colour, without a line
//	mark      filled, with a line of the ground around it that parts it from what it covers
//	thick     a thicker line
//	frame     a line in the shape's colour around a trace of it
//	soft, tint      of a filled shape: about half of its colour, or a trace of it
//	faint     of any shape or group: so many that one alone counts less
//	dash0 … dash3   dashed in four ways
//	dots            dotted
//	middle, end     what of a text is at its position
//	heading   large, bold text
//	small     small text
//	bold      bold text
//	halo      text with the ground around it, that parts it from what it covers
const shapes = `
.ROOT{max-width:100%;height:auto}
.ROOT text{font:13px Helvetica,Arial,"Liberation Sans",sans-serif;fill:currentColor}
.ROOT text.heading{font-size:18px;font-weight:bold}
.ROOT text.small{font-size:11px}
.ROOT text.bold{font-weight:bold}
.ROOT text.halo{stroke-width:3;paint-order:stroke;stroke-linejoin:round}
.ROOT .middle{text-anchor:middle}
.ROOT .end{text-anchor:end}
.ROOT .line{stroke:currentColor;fill:none}
.ROOT .thick{stroke-width:2.5;stroke-linejoin:round}
.ROOT .fill,.ROOT .mark{fill:currentColor}
.ROOT .mark{stroke-width:1.5}
.ROOT .frame{stroke:currentColor;fill:currentColor;fill-opacity:.15}
.ROOT .soft{fill-opacity:.5}
.ROOT .tint{fill-opacity:.22}
.ROOT .faint{opacity:.4}
.ROOT .dots{stroke-width:2;stroke-dasharray:0 5;stroke-linecap:round}
.ROOT .dash0,.ROOT .dash1,.ROOT .dash2,.ROOT .dash3{stroke-width:1.5}
.ROOT .dash0{stroke-dasharray:6 4}
.ROOT .dash1{stroke-dasharray:2 3}
.ROOT .dash2{stroke-dasharray:10 3 2 3}
.ROOT .dash3{stroke-dasharray:12 5}
`

// Style is the style sheet of pictures that are parts of a page (see Picture.Embed). The page's light or dark theme holds for them: the
// attribute data-theme of its html element, "light" or "dark", or else what the reader has set. On paper they are light.
func Style() string {
	return rules(
		"@media screen and (prefers-color-scheme:dark){\n"+theme(":root:not([data-theme=light]) .ROOT", dark)+"}\n",
		"@media screen{\n"+theme(":root[data-theme=dark] .ROOT", dark)+"}\n")
}

// style is the style sheet of a picture that stands alone.
func style() string {
	return rules("@media (prefers-color-scheme:dark){\n" + theme(".ROOT", dark) + "}\n")
}

// rules are the shapes, the light theme, and what comes behind it.
func rules(dark ...string) string {
	return strings.ReplaceAll(strings.TrimPrefix(shapes, "\n")+theme(".ROOT", light)+strings.Join(dark, ""), "ROOT", root)
}

func light(c color) string { return c.light }
func dark(c color) string  { return c.dark }

// theme is the rules that give the classes of colour their values, in pictures of this selector.
func theme(picture string, value func(color) string) string {
	var b strings.Builder
	for _, c := range colors() {
		selector := picture
		if c.class != "" {
			selector += " ." + c.class
		}
		b.WriteString(selector + "{color:" + value(c) + "}\n")
		if c.class == "ground" {
			b.WriteString(picture + " .mark," + picture + " .halo{stroke:" + value(c) + "}\n")
		}
	}
	return b.String()
}
