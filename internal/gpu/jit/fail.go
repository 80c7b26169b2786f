package jit

import (
	"fmt"
	"go/token"
	"path"

	"cookbook/internal/gpu/driver"
)

// refusal is what the functions of this package panic with where the source cannot be translated; [catch] makes it an error.
type refusal struct{ err *driver.BuildError }

// catch turns a refusal into an error.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case refusal:
		*err = p.err
	default:
		panic(p)
	}
}

// fail refuses the source at a position.
func (p *program) fail(at token.Pos, format string, args ...any) {
	panic(refusal{&driver.BuildError{Pos: p.column(at), Message: fmt.Sprintf(format, args...)}})
}

// line returns FILE:LINE.
func (p *program) line(at token.Pos) string {
	if !at.IsValid() {
		return ""
	}
	where := p.set.PositionFor(at, false)
	return fmt.Sprintf("%s:%d", path.Base(where.Filename), where.Line)
}

// column returns FILE:LINE:COLUMN.
func (p *program) column(at token.Pos) string {
	where := p.set.PositionFor(at, false)
	return fmt.Sprintf("%s:%d:%d", path.Base(where.Filename), where.Line, where.Column)
}
