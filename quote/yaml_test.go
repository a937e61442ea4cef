package quote

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goyaml "go.yaml.in/yaml/v4"
)

func TestYAML(t *testing.T) {
	table(t, YAML, []row{
		{nil, "null"}, {true, "true"}, {-1, "-1"}, {"abc", "abc"}, {"a/b.c-d", "a/b.c-d"}, {"", `""`},
		{"yes", `"yes"`}, {"NO", `"NO"`}, {"y", `"y"`}, {"Null", `"Null"`}, {"~", `"~"`}, {"25.10", `"25.10"`}, {"12:30", `"12:30"`},
		{"1e3", `"1e3"`}, {"0x10", `"0x10"`}, {"/a", "/a"}, {"~/a", "~/a"}, {"~a", `"~a"`}, {"12GiB", "12GiB"}, {"12 GiB", `"12 GiB"`}, {"a b", `"a b"`}, {"a\"\\\n\r\t\x01\x7f\u0085\ufeff\u2028🦊", `"a\"\\\n\r\t\u0001\u007f\u0085\ufeff\u2028🦊"`},
		{[]string{}, "[]"}, {[]any{"a", 1, nil, []string{"b"}}, "[a, 1, null, [b]]"},
		{map[string]any{"b": []int{1}, "a b": "x", "no": false}, `{"a b": x, b: [1], "no": false}`}, {map[string]any{}, "{}"},
		{map[string]int{strings.Repeat("k", 1001): 1}, "error: yaml: key of 1001 bytes"},
	})
	table(t, func(s string) (string, error) { return YAMLBlock(4, s) }, []row{
		{"a\n\n b\n", "|\n    a\n\n     b"}, {"a", "|-\n    a"}, {"a\n\n\n", "|+\n    a\n\n"}, {"\n\na", "|-\n\n\n    a"},
		{" a\n", `" a\n"`}, {"a \n", `"a \n"`}, {"a\n \nb", `"a\n \nb"`}, {"\n", `"\n"`}, {"", `""`}, {"a\r\n", `"a\r\n"`},
		{"a\x00", "error: yaml: NUL byte at offset 1"},
	})
	if _, err := YAMLBlock(0, "a"); err == nil {
		t.Error("a block without indentation")
	}
	table(t, YAMLComment, []row{{"a\nb: c", "a b: c"}})
}

func FuzzYAML(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := YAML(map[string]any{"s": s, "l": []string{s, s}})
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		block := write(t, func(s string) (string, error) { return YAMLBlock(4, s) }, s)
		text := "# " + write(t, YAMLComment, s) + "\nflow: " + lit + "\nlist:\n- block: " + block + "\n  after: 1\n" +
			"plain: " + write(t, YAML, any(s)) + "\nlast:\n    " + "block: " + strings.ReplaceAll(block, "\n    ", "\n      ") + "\n"
		if strings.Contains(s, "\n    ") { // the replacement above would change s
			text, _, _ = strings.Cut(text, "last:")
			text += "last: {block: " + write(t, YAML, any(s)) + "}\n"
		}
		var got any
		if err := goyaml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: %v\n%s", s, err, text)
		}
		want := map[string]any{
			"flow": map[string]any{"s": s, "l": []any{s, s}}, "plain": s,
			"list": []any{map[string]any{"block": s, "after": 1}},
			"last": map[string]any{"block": s},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", text, d)
		}
		if len(write(t, YAML, any(s))) > 1000 {
			return
		}
		got = nil
		if err := goyaml.Unmarshal([]byte(write(t, YAML, any(map[string]string{s: "v"}))), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]any{s: "v"}, got); d != "" {
			t.Fatal(d)
		}
		oneLine(t, write(t, YAMLComment, s))
	})
}
