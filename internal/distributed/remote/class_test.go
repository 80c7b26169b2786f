package remote

import (
	"slices"
	"strings"
	"testing"

	"go.starlark.net/starlark"
)

// animals are a class, one that is based on it, and one that is based on that.
func animals() starlark.StringDict {
	animal := NewClass("Animal", nil, func(_ *starlark.Thread, self *Object, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var name starlark.String
		err := starlark.UnpackArgs("Animal", args, kwargs, "name", &name)
		self.Attrs["name"] = name
		return nil, err
	}, map[string]Method{
		"say": func(_ *starlark.Thread, self *Object, _ starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return self.Attrs["name"].(starlark.String) + "!", nil
		},
		"call": func(th *starlark.Thread, self *Object, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return starlark.Call(th, args[0], starlark.Tuple{self}, nil)
		},
	})
	dog := NewClass("Dog", animal, nil, map[string]Method{
		"sit": func(*starlark.Thread, *Object, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return nil, nil
		},
	})
	return starlark.StringDict{"Animal": animal, "Dog": dog, "Puppy": NewClass("Puppy", dog, nil, nil)}
}

func TestIsinstanceKnowsBaseClasses(t *testing.T) {
	c := pair(t, WithNames(animals()))
	execute(t, c, "p = Puppy('Rex')\na = Animal(name='Tom')\ndef f(): pass")
	for text, want := range map[string]bool{
		"isinstance(p, Puppy)": true, "isinstance(p, Dog)": true, "isinstance(p, Animal)": true, "isinstance(p, object)": true,
		"isinstance(a, Animal)": true, "isinstance(a, Dog)": false, "isinstance(1, Dog)": false, "isinstance(p, int)": false,
		"isinstance(True, int)": true, "isinstance(1, bool)": false, "isinstance(1, int)": true, "isinstance('', str)": true,
		"isinstance(b'', (str, (list, bytes)))": true, "isinstance([], (dict, tuple))": false, "isinstance((), tuple)": true,
		"isinstance({}, dict)": true, "isinstance(set(), set)": true, "isinstance(1.5, (int, float))": true, "isinstance(None, object)": true,
		"isinstance(range(1), range)": true, "isinstance(Dog, object)": true, "isinstance(f, ())": false,
	} {
		if got := eval[bool](t, c, text); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	for _, text := range []string{"isinstance(1, 1)", "isinstance(1, 'int')", "isinstance(1, len)", "isinstance(1, (str, 2))", "isinstance(1)"} {
		if _, err := c.Eval(soon(t), text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	dog := eval[*Ref](t, c, "Dog")
	if is, err := c.Call(soon(t), "isinstance", eval[*Ref](t, c, "p"), dog); err != nil || is != true {
		t.Errorf("from the client: %v, %v", is, err)
	}
}

func TestObjectsHaveTheirMethodsAndThoseOfTheirBases(t *testing.T) {
	c, ctx := pair(t, WithNames(animals())), soon(t)
	rex, err := As[*Ref](c.Call(ctx, "Puppy", "Rex"))
	if err != nil || rex.Kind() != "Puppy" {
		t.Fatal(err)
	}
	if v, err := rex.Method(ctx, "say"); v != "Rex!" || err != nil {
		t.Errorf("say: %v, %v", v, err)
	}
	if v, err := rex.Method(ctx, "sit"); v != nil || err != nil {
		t.Errorf("sit: %v, %v", v, err)
	}
	if err := rex.SetAttr(ctx, "name", "Max"); err != nil {
		t.Fatal(err)
	}
	if v, err := rex.Attr(ctx, "name"); v != "Max" || err != nil {
		t.Errorf("name: %v, %v", v, err)
	}
	execute(t, c, "def name_of(o): return o.name")
	if v, err := rex.Method(ctx, "call", eval[*Ref](t, c, "name_of")); v != "Max" || err != nil {
		t.Errorf("call: %v, %v", v, err)
	}
	if names, err := rex.Dir(ctx); err != nil || !slices.Equal(names, []string{"call", "name", "say", "sit"}) {
		t.Errorf("dir: %v, %v", names, err)
	}
	for text, want := range map[string]string{"p.fly()": "Puppy has no .fly", "Puppy(1)": "got int, want string", "object(1)": "object: got 1 arguments"} {
		if _, err := c.Eval(ctx, strings.Replace(text, "p.", "Puppy('x').", 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhatAllConnectionsShareCannotBeChanged(t *testing.T) {
	shared := &Object{Class: NewClass("Shared", nil, nil, nil), Attrs: starlark.StringDict{"l": starlark.NewList(nil)}}
	c := pair(t, WithNames(starlark.StringDict{"shared": shared}))
	for text, want := range map[string]string{"shared.x = 1": "shared by all connections", "shared.l.append(1)": "frozen"} {
		if err := c.Execute(soon(t), text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
