package timeline

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/exp/trace"
)

// What goroutines without a name have room for.
const (
	maxAlike   = 4 // goroutines of one function at the same time that have a lane each
	maxOrigins = 8 // functions whose goroutines have lanes
)

// starters start goroutines for those that call them.
var starters = []string{"sync.(*WaitGroup).Go", "golang.org/x/sync/errgroup.(*Group).Go", "cookbook/internal/distributed/csp.(*Network).Spawn", "cookbook/internal/distributed/csp.Parallel"}

// origin is the function of a recipe that starts a goroutine, with the stack that it has then: by a go statement, or by one of the
// starters. It is empty if that function is not one of a recipe.
func (b *builder) origin(s trace.Stack) string {
	if name, known := b.origins[s]; known {
		return name
	}
	name := ""
	for f := range s.Frames() {
		if !slices.Contains(starters, f.Func) {
			name = recipeFunction(f.Func)
			break
		}
	}
	b.origins[s] = name
	return name
}

// recipeFunction is the name of a recipe's function, without its package; a function literal has the name of the one that it stands
// in. It is empty for other functions.
func recipeFunction(symbol string) string {
	dir, name := path.Split(symbol)
	if !strings.HasSuffix(dir, "/recipes/") {
		return ""
	}
	_, name, _ = strings.Cut(name, ".") // the package
	for _, literal := range []string{".func", "-range", "["} {
		name, _, _ = strings.Cut(name, literal)
	}
	return safeName(name)
}

// nameByOrigin lets goroutines that have no name be called after the function that started them: each for itself if few of one
// function live at the same time, and else as one. They are in the order of their births.
func nameByOrigin(all []*goroutine, end time.Duration) {
	of, order := map[string][]*goroutine{}, []string{}
	for _, g := range all {
		if g.label != "" || g.from == "" || !g.kin {
			continue
		}
		from := g.in.prefix() + g.from
		if of[from] == nil {
			order = append(order, from)
		}
		of[from] = append(of[from], g)
	}
	for _, name := range order[:min(len(order), maxOrigins)] {
		lanes, n := inPlaces(of[name], end)
		for i, g := range of[name] {
			switch {
			case n == 1:
				g.label = name
			case n <= maxAlike:
				g.label = fmt.Sprintf("%s %d", name, lanes[i]+1)
			default:
				g.label = fmt.Sprintf("%s ×%d", name, len(of[name]))
			}
		}
	}
}

// inPlaces gives each of those the first place that is free when it comes to be, and returns these and how many places there are.
func inPlaces(all []*goroutine, end time.Duration) (places []int, n int) {
	var free []time.Duration // by place: since when
	places = make([]int, len(all))
	for i, g := range all {
		place := slices.IndexFunc(free, func(at time.Duration) bool { return at <= g.born })
		if place < 0 {
			place = len(free)
			free = append(free, 0)
		}
		free[place], places[i] = g.end(end), place
	}
	return places, len(free)
}
