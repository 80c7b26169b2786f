package page

import (
	"go/scanner"
	"go/token"

	"cookbook/internal/terminal"
)

// goToken is one token of a Go source text.
type goToken struct {
	tok   token.Token
	start int
	text  string
}

func goMarks(src string) []mark {
	tokens := goTokens(src)
	var marks []mark
	depth := 0
	for i, t := range tokens {
		var look terminal.Look
		switch {
		case t.tok == token.COMMENT:
			look = comment
		case t.tok.IsKeyword():
			look = keyword
		case t.tok == token.STRING || t.tok == token.CHAR:
			look = literal
		case t.tok.IsLiteral() && t.tok != token.IDENT:
			look = number
		case t.tok == token.IDENT:
			look = identLook(tokens, i, depth)
		case t.tok == token.LBRACE:
			depth++
		case t.tok == token.RBRACE:
			depth--
		}
		if look != 0 {
			marks = append(marks, mark{t.start, t.start + len(t.text), look})
		}
	}
	return marks
}

// goTokens scans src, which may be anything. The semicolons that Go inserts are kept, as empty text.
func goTokens(src string) []goToken {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), nil, scanner.ScanComments)
	var tokens []goToken
	for {
		pos, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return tokens
		case tok == token.SEMICOLON:
			text = ""
		case text == "":
			text = tok.String()
		}
		tokens = append(tokens, goToken{tok, file.Offset(pos), text})
	}
}

// identLook tells the name of a declaration, and Go's own names, from all others.
func identLook(tokens []goToken, i, depth int) terminal.Look {
	tokAt := func(i int) token.Token {
		if i < 0 || i >= len(tokens) {
			return token.EOF
		}
		return tokens[i].tok
	}
	before, after := tokAt(i-1), tokAt(i+1)
	opens := after == token.LPAREN || after == token.LBRACK
	switch {
	case before == token.PERIOD:
		return 0
	case before == token.FUNC && opens, before == token.TYPE:
		return declared
	case before == token.RPAREN && opens && depth == 0 && isReceiver(tokens, i-1):
		return declared
	case after == token.LPAREN && isBuiltinFunc(tokens[i].text):
		return builtin
	case isBuiltinType(tokens[i].text) && after != token.DEFINE:
		return builtin
	}
	return 0
}

// isReceiver reports whether the parenthesis that closes at i opened right after the func that starts a declaration.
func isReceiver(tokens []goToken, i int) bool {
	for nested := 0; i >= 0; i-- {
		switch tokens[i].tok {
		case token.RPAREN:
			nested++
		case token.LPAREN:
			nested--
		}
		if nested == 0 {
			break
		}
	}
	if i < 1 || tokens[i-1].tok != token.FUNC {
		return false
	}
	for i -= 2; i >= 0 && tokens[i].tok == token.COMMENT; i-- {
	}
	return i < 0 || tokens[i].tok == token.SEMICOLON
}

func isBuiltinFunc(name string) bool {
	switch name {
	case "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new",
		"panic", "print", "println", "real", "recover":
		return true
	}
	return false
}

// isBuiltinType counts Go's constants among the types.
func isBuiltinType(name string) bool {
	switch name {
	case "any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64",
		"int", "int8", "int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr",
		"true", "false", "nil", "iota":
		return true
	}
	return false
}
