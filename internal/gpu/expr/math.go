package expr

import (
	"go/constant"
	"go/token"
	"math"
)

// functions are those of package math that can be used, by their names.
func functions() map[string]any {
	return map[string]any{
		"Abs": math.Abs, "Ceil": math.Ceil, "Floor": math.Floor, "Trunc": math.Trunc, "Sqrt": math.Sqrt,
		"Exp": math.Exp, "Log": math.Log, "Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Pow": math.Pow, "FMA": math.FMA,
	}
}

// constants are those of package math that can be used, as exact as it has them.
func constants() map[string]constant.Value {
	all := map[string]constant.Value{}
	for name, digits := range map[string]string{
		"Pi": "3.14159265358979323846264338327950288419716939937510582097494459",
		"E":  "2.71828182845904523536028747135266249775724709369995957496696763",
	} {
		all[name] = constant.MakeFromLiteral(digits, token.FLOAT, 0)
	}
	return all
}
