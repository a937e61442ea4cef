package generate_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmloom/quote"
)

// nixToken is a word, a sign, or a string with its quoting removed.
type nixToken struct {
	text     string
	isString bool
}

var nixWord = regexp.MustCompile(`^([A-Za-z0-9_/+'.-]+|\$\{|\+\+|.)`)

// nixTokens reads Nix as far as our templates write it.
func nixTokens(src string) (out []nixToken, err error) {
	for src != "" {
		switch {
		case strings.IndexByte(" \n", src[0]) >= 0:
			src = src[1:]
		case src[0] == '#':
			end := strings.IndexAny(src, "\n\r")
			src = src[end:]
		case src[0] == '"':
			text, rest, err := nixQuoted(src[1:])
			if err != nil {
				return nil, err
			}
			out, src = append(out, nixToken{text, true}), rest
		case strings.HasPrefix(src, "''"):
			text, rest, err := nixIndented(src[2:])
			if err != nil {
				return nil, err
			}
			out, src = append(out, nixToken{text, true}), rest
		default:
			word := nixWord.FindString(src)
			if word == "" {
				return nil, fmt.Errorf("no token: %.40q", src)
			}
			out, src = append(out, nixToken{word, false}), src[len(word):]
		}
	}
	return out, nil
}

var errOpen = errors.New("string is not closed")

// nixQuoted reads what follows the opening quote.
func nixQuoted(src string) (text, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '"':
			return b.String(), src[i+1:], nil
		case c == '\\' && i+1 < len(src):
			i++
			if at := strings.IndexByte("nrt", src[i]); at >= 0 {
				b.WriteByte("\n\r\t"[at])
			} else {
				b.WriteByte(src[i])
			}
		case strings.HasPrefix(src[i:], "$$"):
			b.WriteString("$$")
			i++
		case strings.HasPrefix(src[i:], "${") && !strings.HasPrefix(src[i:], "${file}"): // the flake's own
			return "", "", fmt.Errorf("live: %.40q", src[i:])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errOpen
}

// nixIndented reads what follows the opening of an indented string.
func nixIndented(src string) (text, rest string, err error) {
	var b strings.Builder
	const literal = "\x02" // before what an escape made, so that it is no indentation
	for i := 0; i < len(src); i++ {
		at := src[i:]
		switch {
		case strings.HasPrefix(at, `''\`) && len(at) > 3:
			b.WriteString(literal + at[3:4])
			i += 3
		case strings.HasPrefix(at, "'''"):
			b.WriteString("''")
			i += 2
		case strings.HasPrefix(at, "''$"):
			b.WriteString("$")
			i += 2
		case strings.HasPrefix(at, "''"):
			return nixDedent(b.String(), literal), at[2:], nil
		case strings.HasPrefix(at, "$$"):
			b.WriteString("$$")
			i++
		case strings.HasPrefix(at, "${"):
			return "", "", fmt.Errorf("live: %.40q", at)
		default:
			b.WriteByte(at[0])
		}
	}
	return "", "", errOpen
}

func nixDedent(s, literal string) string {
	lines := strings.Split(s, "\n")
	if strings.Trim(lines[0], " ") == "" {
		lines = lines[1:]
	}
	least := 1 << 20
	for i, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, " ")); n < len(line) {
			least = min(least, n)
		} else if i+1 == len(lines) {
			lines[i] = ""
		}
	}
	for i, line := range lines {
		lines[i] = line[min(least, len(line)):]
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), literal, "")
}

var mountTag = regexp.MustCompile(`lima-[0-9a-f]{16}`)

// flattenNix gives the statements of a file, and each item of a list. Texts of
// other languages are read as such, and a variable is one however it is set.
func flattenNix(t testing.TB, a artefact) (out []string, err error) {
	tokens, err := nixTokens(a.data)
	if err != nil {
		return nil, err
	}
	var nest []string // what opened, and after which words
	var words []string
	add := func(entries []string, e error) {
		out = append(out, entries...)
		err = errors.Join(err, e)
	}
	flush := func() {
		line := strings.Join(words, " ")
		words = nil
		switch line {
		case "", "extraInit =", "sessionVariables =":
			return
		}
		out = append(out, "nix "+mountTag.ReplaceAllString(line, "lima-TAG"))
	}
	for i, tok := range tokens {
		inside := strings.Join(nest, " ")
		next := nixToken{}
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		before := strings.Join(words, " ")
		dangling := before != "" && !tokens[i-1].isString && strings.HasSuffix(tokens[i-1].text, ".")
		name := !next.isString && (next.text == "=" || strings.HasPrefix(next.text, ".")) || dangling
		switch {
		case !tok.isString && strings.Contains("{[(", tok.text):
			nest = append(nest, before)
			flush()
		case !tok.isString && strings.Contains("}])", tok.text):
			flush()
			if len(nest) == 0 {
				return nil, errors.New("one bracket too many")
			}
			nest = nest[:len(nest)-1]
		case !tok.isString && tok.text == ";":
			flush()
		case tok.isString && !name && strings.HasSuffix(inside, "sessionVariables ="):
			words = nil
			value, e := quote.Sh(tok.text)
			add(shEntries("export " + strings.TrimSuffix(before, " =") + "=" + value))
			err = errors.Join(err, e)
		case tok.isString && !name && (before == "extraInit =" || before == "script =" || strings.HasSuffix(inside, "ProgramArguments =") && strings.Contains(tok.text, "\n")):
			words = nil
			add(shEntries(tok.text))
		case tok.isString && strings.HasSuffix(before, "ssh_config.text ="):
			words = nil
			add(flattenSSH(tok.text))
		case tok.isString && strings.HasSuffix(before, ".lua.text ="):
			words = nil
			add(flattenFile(t, artefact{path: "wezterm/module.lua", data: tok.text}))
		default:
			text := tok.text
			switch {
			case dangling, !tok.isString && strings.HasPrefix(text, ".") && before != "":
				words = []string{before + text}
			case tok.isString && !name:
				words = append(words, `"`+text)
			default:
				words = append(words, text)
			}
			if inList(tokens[:i]) && (tok.isString || !strings.HasSuffix(text, ".")) && (next.isString || !strings.HasPrefix(next.text, ".")) {
				flush()
			}
		}
	}
	if len(nest) > 0 {
		return nil, fmt.Errorf("%q is not closed", nest)
	}
	return out, err
}

// inList reports whether the innermost open bracket is that of a list.
func inList(tokens []nixToken) bool {
	depth := 0
	for _, tok := range slices.Backward(tokens) {
		switch {
		case tok.isString:
		case strings.Contains("}])", tok.text):
			depth++
		case strings.Contains("{[(", tok.text) && depth > 0:
			depth--
		case strings.Contains("{[(", tok.text):
			return tok.text == "["
		}
	}
	return false
}

func shEntries(script string) (out []string, err error) {
	lines, err := shWords(script)
	for _, line := range lines {
		if strings.Trim(line, active+" \n") != "" {
			out = append(out, "sh "+line)
		}
	}
	return out, err
}

func TestNixTokens(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`a."b".c = [ "x\n\${y}$$" ];`, "a. \"b\" .c = [ \"x\n${y}$$\" ] ;"},
		{"x = ''\n  a\n    b ''${c} ''\\'\n\n  d\n'';", "x = \"a\n  b ${c} '\n\nd\n\" ;"},
		{"# c\n{ }", "{ }"},
	} {
		tokens, err := nixTokens(tt.in)
		var words []string
		for _, tok := range tokens {
			if tok.isString {
				words = append(words, `"`+tok.text+`"`)
			} else {
				words = append(words, tok.text)
			}
		}
		if got := strings.Join(words, " "); err != nil || got != tt.want {
			t.Errorf("%q: %q, %v", tt.in, got, err)
		}
	}
	for _, bad := range []string{`"a`, `"${x}"`, "''a", "''${x}''"} {
		if got, err := nixTokens(bad); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
}
