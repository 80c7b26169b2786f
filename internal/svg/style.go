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

// What the classes of shape mean. A shape has one of the first three, and what it likes of the others.
//
//	line      a line in the shape's colour, without a filling
//	fill      filled with the colour, without a line
//	mark      filled, with a line of the ground around it that parts it from what it covers
//	thick     a thicker line
//	dash0 … dash3   dashed in four ways
//	middle, end     what of a text is at its position
//	heading   large, bold text
const shapes = `
.ROOT{max-width:100%;height:auto}
.ROOT text{font:13px Helvetica,Arial,"Liberation Sans",sans-serif;fill:currentColor}
.ROOT text.heading{font-size:18px;font-weight:bold}
.ROOT .middle{text-anchor:middle}
.ROOT .end{text-anchor:end}
.ROOT .line{stroke:currentColor;fill:none}
.ROOT .thick{stroke-width:2.5;stroke-linejoin:round}
.ROOT .fill,.ROOT .mark{fill:currentColor}
.ROOT .mark{stroke-width:1.5}
.ROOT .dash0,.ROOT .dash1,.ROOT .dash2,.ROOT .dash3{stroke-width:1.5}
.ROOT .dash0{stroke-dasharray:6 4}
.ROOT .dash1{stroke-dasharray:2 3}
.ROOT .dash2{stroke-dasharray:10 3 2 3}
.ROOT .dash3{stroke-dasharray:12 5}
`

// style is the style sheet of every picture.
func style() string {
	var b strings.Builder
	theme := func(value func(color) string) {
		for _, c := range colors() {
			selector := ".ROOT"
			if c.class != "" {
				selector += " ." + c.class
			}
			b.WriteString(selector + "{color:" + value(c) + "}\n")
			if c.class == "ground" {
				b.WriteString(".ROOT .mark{stroke:" + value(c) + "}\n")
			}
		}
	}
	b.WriteString(strings.TrimPrefix(shapes, "\n"))
	theme(func(c color) string { return c.light })
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	theme(func(c color) string { return c.dark })
	b.WriteString("}\n")
	return strings.ReplaceAll(b.String(), "ROOT", root)
}
