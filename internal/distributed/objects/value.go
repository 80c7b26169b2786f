package objects

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// encode writes a value as JSON. A text that is not UTF-8 is an error: encoding/json would change it silently.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err == nil && replaced(data) {
		err = errors.New("a text is not UTF-8; send bytes as []byte")
	}
	return data, err
}

// replaced reports whether encoding/json has put the replacement character in place of bytes that are not UTF-8: it writes it as
// an escape then, and as it is where a text really contains it.
func replaced(data []byte) bool {
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte(`\ufffd`))
		if i < 0 {
			return false
		}
		at += i
		before := data[:at]
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 { // else the backslash belongs to the text
			return true
		}
		at++
	}
}

// decode reads a value that came as JSON. It is stricter than encoding/json: a field that the type lacks is an error, and so is null
// for a type that has no nil.
func decode(data []byte, into reflect.Value) error {
	t := into.Type()
	if kindOf(data) == "null" {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		default:
			return fmt.Errorf("null is not %s", article(t))
		}
	}
	var err error
	if k := t.Kind(); k <= reflect.Float64 || k == reflect.String {
		err = json.Unmarshal(data, into.Addr().Interface())
	} else {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		err = d.Decode(into.Addr().Interface())
	}
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("field %s: %s is not %s", wrong.Field, wrong.Value, article(wrong.Type))
	case errors.As(err, &wrong):
		return fmt.Errorf("%s is not %s", wrong.Value, article(wrong.Type))
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// article names a type with its article.
func article(t reflect.Type) string {
	name := t.String()
	if strings.ContainsRune("aeiou", rune(name[0])) && !strings.HasPrefix(name, "uint") {
		return "an " + name
	}
	return "a " + name
}

// kindOf says what a JSON value is.
func kindOf(data []byte) string {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 {
		return "nothing"
	}
	switch data[0] {
	case '"':
		return "string"
	case '[':
		return "list"
	case '{':
		return "object"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// kindsOf lists what values are, as in "(string, number)".
func kindsOf(values []json.RawMessage) string {
	kinds := make([]string, len(values))
	for i, v := range values {
		kinds[i] = kindOf(v)
	}
	return "(" + strings.Join(kinds, ", ") + ")"
}

// travels returns why values of a type cannot travel as JSON, "" if they can. In says that they come in and have to be made:
// then an interface with methods will not do.
func travels(t reflect.Type, in bool, seen map[reflect.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	itself := reflect.TypeFor[json.Marshaler]()
	text := reflect.TypeFor[encoding.TextMarshaler]()
	if in {
		itself, text = reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()
	}
	if t.Kind() != reflect.Interface && (t.Implements(itself) || t.Implements(text) || reflect.PointerTo(t).Implements(itself) || reflect.PointerTo(t).Implements(text)) {
		return ""
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return t.String() + " cannot travel"
	case reflect.Interface:
		if in && t.NumMethod() > 0 {
			return t.String() + " does not say which type to make"
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return travels(t.Elem(), in, seen)
	case reflect.Map:
		if why := keyTravels(t.Key(), text); why != "" {
			return why
		}
		return travels(t.Elem(), in, seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() && f.Tag.Get("json") != "-" {
				if why := travels(f.Type, in, seen); why != "" {
					return "field " + f.Name + ": " + why
				}
			}
		}
	}
	return ""
}

func keyTravels(t, text reflect.Type) string {
	switch {
	case t.Kind() == reflect.String, t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64, t.Implements(text), reflect.PointerTo(t).Implements(text):
		return ""
	}
	return t.String() + " cannot be a key"
}
