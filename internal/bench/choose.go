package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/bench/services"
	"cookbook/internal/catalog"
)

// Operations are all operations that are measured beside Python's.
func Operations() []primitive.Primitive {
	return slices.Concat(primitive.Threading(), primitive.Processes(), primitive.MPI(), primitive.Async(), services.All())
}

// Plan is what is to be measured.
type Plan struct {
	Operations []primitive.Primitive
	Recipes    []catalog.Entry
}

// The words that stand for all of a kind.
const (
	AllOperations = "primitives"
	AllRecipes    = "recipes"
)

// Choose returns what some words name: a chapter; all of a kind; the operations in whose names the word stands, or which have that
// name; else a recipe, as [catalog.Catalog.Find] finds it. Without words it is everything. The error is an *[catalog.UnknownError] or an
// *[catalog.AmbiguousError].
func Choose(c *catalog.Catalog, operations []primitive.Primitive, words []string) (Plan, error) {
	if len(words) == 0 {
		words = []string{AllOperations, AllRecipes}
	}
	chosen := func(primitive.Primitive) bool { return false }
	recipes := map[string]bool{}
	for _, word := range words {
		before := chosen
		match := func(p primitive.Primitive) bool { return strings.EqualFold(p.Name, word) }
		if !slices.ContainsFunc(operations, match) {
			match = func(p primitive.Primitive) bool { return holds(p.Name, word) }
		}
		chapter := c.Chapter(word)
		switch {
		case word == AllOperations:
			match = func(primitive.Primitive) bool { return true }
		case word == AllRecipes:
			for _, e := range c.Entries() {
				recipes[e.ID] = true
			}
			continue
		case chapter != nil:
			for _, r := range chapter.Recipes {
				recipes[r.ID] = true
			}
			match = func(p primitive.Primitive) bool { return p.Chapter == chapter.Number }
		case !slices.ContainsFunc(operations, match):
			e, err := c.Find(word)
			if err != nil {
				return Plan{}, notFound(word, err)
			}
			recipes[e.ID] = true
			continue
		}
		chosen = func(p primitive.Primitive) bool { return before(p) || match(p) }
	}
	var plan Plan
	for _, p := range operations {
		if chosen(p) {
			plan.Operations = append(plan.Operations, p)
		}
	}
	for _, e := range c.Entries() {
		if recipes[e.ID] {
			plan.Recipes = append(plan.Recipes, e)
		}
	}
	return plan, nil
}

// notFound puts before the catalog's error that a word can name an operation, too.
func notFound(word string, err error) error {
	if errors.As(err, new(*catalog.UnknownError)) {
		return fmt.Errorf("no operation has %q in its name (cookbook bench --list shows them), and %w", word, err)
	}
	return err
}

// holds reports whether a name has the word, or the words one after the other.
func holds(name, word string) bool {
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
	words := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), apart), " ") + " "
	}
	return strings.Trim(words(word), " ") != "" && strings.Contains(words(name), words(word))
}
