package quote

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

type named string

func TestNix(t *testing.T) {
	seven := 7
	table(t, Nix, []row{
		{nil, "null"}, {true, "true"}, {"", `""`}, {named("x"), `"x"`}, {&seven, "7"}, {(*int)(nil), "null"},
		{-1, "(-1)"}, {uint16(22), "22"}, {uint64(math.MaxUint64), "error: nix: 18446744073709551615 does not fit a Nix integer"},
		{math.MinInt64, "error: nix: -9223372036854775808 does not fit a Nix integer"},
		{"a${b}$c$${d}\\\"\n\r\t''", `"a\${b}$c$\${d}\\\"\n\r\t''"`},
		{[]string{}, "[ ]"}, {[]string{"a", "b"}, `[ "a" "b" ]`}, {[]any{1, -2, nil, []int{3}}, "[ 1 (-2) null [ 3 ] ]"},
		{map[string]any{}, "{ }"},
		{map[string]any{"b": 1, "a": "x", "or": true, "a.b": nil, "": 0}, `{ "" = 0; a = "x"; "a.b" = null; b = 1; "or" = true; }`},
		{map[named]string{"k": "v"}, `{ k = "v"; }`},
	})
	table(t, NixName, []row{{"a-b'", "a-b'"}, {"1a", `"1a"`}, {"é", `"é"`}, {"let", `"let"`}, {"${x}", `"\${x}"`}})
	table(t, NixIdent, []row{
		{"python3Packages.pip", "python3Packages.pip"},
		{"", `error: nix: "" is not an attribute path`},
		{`emacsPackages."2bit"`, `emacsPackages."2bit"`},
		{`vimPlugins."sourcemap.vim".x`, `vimPlugins."sourcemap.vim".x`},
		{`a."with"`, `a."with"`},
		{`a."b`, `error: nix: "a.\"b" is not an attribute path`},
		{`a."${b}"`, `error: nix: "a.\"${b}\"" is not an attribute path`},
		{`a."b"c`, `error: nix: "a.\"b\"c" is not an attribute path`},
		{`a.`, `error: nix: "a." is not an attribute path`},
		{"a..b", `error: nix: "a..b" is not an attribute path`},
		{"a.with", `error: nix: "a.with" is not an attribute path`},
		{"a\n", `error: nix: "a\n" is not an attribute path`},
	})
	lines := func(s string) (string, error) { return NixLines(4, s) }
	table(t, lines, []row{
		{"a\n", "''\n    a\n  ''"},
		{"#!/bin/sh\n\n  b\tc\n\td\n", "''\n    #!/bin/sh\n\n      b\tc\n    \td\n  ''"},
		{"'' '$ ${x} $x $$ '${y} it's'\n", `''` + "\n    " + `''\'' ''\'$ ''${x} $x $$ ''\'''${y} it's''\'` + "\n  ''"},
		{"''''\n", `''` + "\n    " + `''\'''\'''\'''\'` + "\n  ''"},
		// What an indented string would change becomes a plain one.
		{"", `""`}, {"\n", `"\n"`}, {"a", `"a"`}, {"a\nb", `"a\nb"`}, {" a\n", `" a\n"`}, {"a\n \n", `"a\n \n"`}, {"a\r\n", `"a\r\n"`},
		{"a\x00\n", "error: nix: NUL byte at offset 1"}, {"a\xff\n", "error: nix: invalid UTF-8 byte 0xff at offset 1"},
	})
	table(t, NixComment, []row{{"a\rb\u0085\u2028\u202ec", "a b   c"}})
}

// unNix reads a string literal by the rules of the Nix manual.
func unNix(s string) (string, error) {
	s, ok1 := strings.CutPrefix(s, `"`)
	s, ok2 := strings.CutSuffix(s, `"`)
	if !ok1 || !ok2 {
		return "", errors.New("no delimiters")
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 == len(s):
			return "", errors.New("open escape")
		case s[i] == '\\':
			i++
			if j := strings.IndexByte("nrt", s[i]); j >= 0 {
				b.WriteByte("\n\r\t"[j])
			} else {
				b.WriteByte(s[i])
			}
		case strings.HasPrefix(s[i:], "$$"): // no interpolation begins at the second
			b.WriteString("$$")
			i++
		case strings.HasPrefix(s[i:], "${"), s[i] == '"', s[i] == '\r':
			return "", errors.New("live " + s[i:])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

func FuzzNix(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Nix(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		if got, err := unNix(lit); err != nil || got != s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, err)
		}
		oneLine(t, write(t, NixComment, s))
	})
}

// TestNixLinesReadBack has nix read texts of one to four hostile lines.
func TestNixLinesReadBack(t *testing.T) {
	tool := tooltest.Need(t, "nix-instantiate")
	var want []string
	var b strings.Builder
	b.WriteString("[\n")
	indented := 0
	for i, s := range hostile(4000) {
		text := strings.Repeat(s+"\n", 1+i%4)
		if i%3 == 0 {
			text = "if\n\n  " + s + "\n\t" + s + "\n"
		}
		want = append(want, text)
		lit, err := NixLines(2*(i%5), text)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(lit, "''") {
			indented++
		}
		b.WriteString(lit + "\n")
	}
	b.WriteString("]\n")
	if indented < len(want)/3 {
		t.Errorf("only %d of %d texts are indented strings", indented, len(want))
	}
	file := filepath.Join(t.TempDir(), "x.nix")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "--eval", "--strict", "--json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	compare(t, got, want)
}

func TestNixReadBack(t *testing.T) {
	tool := tooltest.Need(t, "nix-instantiate")
	want := hostile(4000)
	var b strings.Builder
	b.WriteString("{ strings = [\n")
	for _, s := range want {
		b.WriteString("# " + write(t, NixComment, s) + "\n" + write(t, Nix, any(s)) + "\n")
	}
	b.WriteString("];\n")
	names := map[string]any{}
	for i, s := range want {
		names[s] = []any{i, -i}
	}
	b.WriteString("names = " + write(t, Nix, any(names)) + ";\n}\n")
	file := filepath.Join(t.TempDir(), "x.nix")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "--eval", "--strict", "--json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Strings []string
		Names   map[string][]int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	compare(t, got.Strings, want)
	if len(got.Names) != len(names) {
		t.Errorf("%d names of %d", len(got.Names), len(names))
	}
	for i, s := range want {
		if n := got.Names[s]; len(n) != 2 || n[0] != -n[1] || names[s].([]any)[0] != n[0] {
			t.Errorf("name %q (%s): %v", s, strconv.Itoa(i), n)
		}
	}
}
