package quote

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"vmloom/pattern"
)

// Nix writes v as one Nix expression on one line that can stand as an argument or
// list element: string, bool, int, null, list or attribute set with sorted names.
func Nix(v any) (string, error) {
	v, err := value("nix", v)
	if err != nil {
		return "", err
	}
	return nix(v)
}

func nix(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case string:
		return nixString(v), nil
	case int64:
		if v == math.MinInt64 { // Nix reads the digits before the sign
			break
		}
		if v < 0 { // [ 1 -1 ] and f -1 are subtractions or errors
			return fmt.Sprintf("(%d)", v), nil
		}
		return strconv.FormatInt(v, 10), nil
	case []any:
		var b strings.Builder
		for _, x := range v {
			s, err := nix(x)
			if err != nil {
				return "", err
			}
			b.WriteString(s + " ")
		}
		return "[ " + b.String() + "]", nil
	case map[string]any:
		return nixAttrs(v)
	}
	return "", fmt.Errorf("nix: %v does not fit a Nix integer", v)
}

func nixAttrs(m map[string]any) (string, error) {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		name, err := NixName(key)
		if err != nil {
			return "", err
		}
		s, err := nix(m[key])
		if err != nil {
			return "", err
		}
		b.WriteString(name + " = " + s + "; ")
	}
	return "{ " + b.String() + "}", nil
}

// nixEscapes: a raw CR would be read back as LF. `$` alone, `$$` and `”` mean nothing in "…".
var nixEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `${`, `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func nixString(s string) string { return `"` + nixEscapes.Replace(s) + `"` }

func nixKeyword(s string) bool {
	switch s {
	case "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or":
		return true
	}
	return false
}

// NixName writes an attribute name: bare where Nix allows it, else quoted.
func NixName(s string) (string, error) {
	if err := check("nix", s); err != nil {
		return "", err
	}
	if identifier(s, "_'-") && !nixKeyword(s) {
		return s, nil
	}
	return nixString(s), nil
}

// nixAttribute is the first part of an attribute path, and the dot after it.
var nixAttribute = pattern.New(`^([a-zA-Z_][a-zA-Z0-9_'-]*|"[A-Za-z0-9_@][A-Za-z0-9_@.+/-]*")(\.|$)`)

// NixIdent checks a package's attribute path such as python3Packages.pip, whose
// parts may be quoted as in emacsPackages."2bit", and returns it as it is.
func NixIdent(s string) (string, error) {
	for rest := s; ; {
		m := nixAttribute().FindStringSubmatch(rest)
		if m == nil || nixKeyword(m[1]) {
			return "", fmt.Errorf("nix: %q is not an attribute path", s)
		}
		if m[2] == "" {
			return s, nil
		}
		rest = rest[len(m[0]):]
	}
}

// NixComment returns s as text for one # comment line.
func NixComment(s string) (string, error) { return comment("nix", s) }
