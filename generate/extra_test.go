package generate

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

const extraDoc = `# A header.
# vmloom-profile: x

cpus: 4
memory: 4GiB
# About ssh.
ssh:
  localPort: 0 # inside
list: [1, 2]

# About mounts.
mounts:
- location: ~/src
  writable: true

# Scripts.
provision:
- mode: boot
  script: |
    # a comment of the script

    echo "$x"
env: {A: "1"}

message: |
  The last section.
`

// extraNode gives extra as a profile's lima.extra holds it.
func extraNode(t testing.TB, extra string) *yaml.Node {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte(inProfile(extra)))
	if err != nil {
		t.Fatalf("%v\n%s", err, extra)
	}
	return p.Lima.Extra.Node
}

func inProfile(extra string) string {
	indented := "    " + strings.ReplaceAll(strings.TrimRight(extra, "\n"), "\n", "\n    ")
	return "version: 1\nname: x\nhost: {os: linux}\nguest: {system: debian, release: \"13\", user: {name: dev}}\nlima:\n  extra:\n" + indented + "\n"
}

func TestMergeExtra(t *testing.T) {
	for _, tt := range []struct{ name, extra, was, is string }{
		{"scalar replaced", "cpus: 8", "cpus: 4\n", "cpus: 8\n"},
		{"mapping merged", "ssh: {forwardAgent: true}", "ssh:\n  localPort: 0 # inside\n", "ssh:\n  localPort: 0 # inside\n  forwardAgent: true\n"},
		{"and replaced within", "ssh: {localPort: 60022}", "  localPort: 0 # inside\n", "  localPort: 60022\n"},
		{"list appended", "mounts:\n- location: /b", "  writable: true\n", "  writable: true\n- location: /b\n"},
		{"flow list appended", "list: [3]", "list: [1, 2]\n", "list:\n- 1\n- 2\n- 3\n"},
		{"flow mapping merged", "env:\n  B: \"2\"", "env: {A: \"1\"}\n", "env:\n  A: \"1\"\n  B: \"2\"\n"},
		{"new key", "nestedVirtualization: true", "  The last section.\n", "  The last section.\n\nnestedVirtualization: true\n"},
		{"new mapping", "video:\n  display: none", "  The last section.\n", "  The last section.\n\nvideo:\n  display: none\n"},
		{"kinds differ: mapping over list", "list: {a: b}", "list: [1, 2]\n", "list: {a: b}\n"},
		{"kinds differ: scalar over list", "list: none", "list: [1, 2]\n", "list: none\n"},
		{"null", "env: null", "env: {A: \"1\"}\n", "env: null\n"},
		{"last section", "message: other", "message: |\n  The last section.\n", "message: other\n"},
		{"script appended", "provision:\n- mode: user\n  script: |\n    #!/bin/sh\n    echo '{{.User}}'", "    echo \"$x\"\n",
			"    echo \"$x\"\n- mode: user\n  script: |\n    #!/bin/sh\n    echo '{{.User}}'\n"},
		{"several, the first and the last", "message: m\ncpus: 1", "", ""},
		{"words that YAML 1.1 reads otherwise", "env: {\"no\": \"yes\", \"1\": \"0x1F\", \"null\": \"12:30\"}\nwords: {a: \"007\", b: \"1e3\", c: \"\"}", "", ""},
		{"keys that need quotes", "\"true\": 1\n\"null\": 2\n\"1\": 3\n\"a: b\": 4\n\"# x\": 6\n\"~\": 7\n\"- a\": 8\n\"on\": 9", "", ""},
		{"comments of its own", "# head\nssh: # beside\n  # inside\n  forwardAgent: true # end\n# foot", "", ""},
		{"anchors", "words: &p {a: b}\nenv: *p", "", ""},
		{"nothing", "{}", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mergeExtra([]byte(extraDoc), extraNode(t, tt.extra))
			if err != nil {
				t.Fatal(err)
			}
			if tt.was != "" && string(got) != strings.Replace(extraDoc, tt.was, tt.is, 1) {
				t.Error(cmp.Diff(strings.Replace(extraDoc, tt.was, tt.is, 1), string(got)))
			}
			checkMerge(t, extraDoc, tt.extra, string(got))
		})
	}
	if got, err := mergeExtra([]byte(extraDoc), nil); err != nil || string(got) != extraDoc {
		t.Errorf("without extra: %v\n%s", err, got)
	}
}

// checkMerge compares with a merge of the two documents as data, and holds the
// sections that extra does not name to every byte.
func checkMerge(t *testing.T, doc, extra, got string) {
	t.Helper()
	load := func(s string) (v map[string]any) {
		if err := yaml.Load([]byte(s), &v); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
		return v
	}
	add := load(inProfile(extra))["lima"].(map[string]any)["extra"].(map[string]any)
	want := mergeData(load(doc), add)
	if d := cmp.Diff(want, any(load(got))); d != "" {
		t.Errorf("as data: %s\n%s\n%s", d, extra, got)
	}
	for _, section := range strings.Split(doc, "\n\n") {
		named := false
		for key := range add {
			named = named || strings.Contains("\n"+section, "\n"+key+":")
		}
		if !named && section[0] != ' ' && !strings.Contains(got, section) {
			t.Errorf("a section that extra does not name has changed:\n%s\n%s", section, got)
		}
	}
	if !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
		t.Errorf("must end in one newline: %q", got[max(0, len(got)-20):])
	}
}

func mergeData(a, b any) any {
	switch b := b.(type) {
	case map[string]any:
		if a, ok := a.(map[string]any); ok {
			out := map[string]any{}
			for k, v := range a {
				out[k] = v
			}
			for k, v := range b {
				if old, there := out[k]; there {
					v = mergeData(old, v)
				}
				out[k] = v
			}
			return out
		}
	case []any:
		if a, ok := a.([]any); ok {
			return append(append([]any{}, a...), b...)
		}
	}
	return b
}

// FuzzMergeExtra merges hostile keys and scalars, in every style and place.
func FuzzMergeExtra(f *testing.F) {
	for _, s := range []string{"x", "", "no", "~", "null", "# c", "a: b", "- a", "{{.User}}", "it's \"q\"", "a\nb\n", "a\n\n", " lead", "trail ", "\t", "|", "&a", "*a", "!t", "%", "@", "\u0085", "\u2028", "\ufeff", "😀", "---", "...", "0x1f", "1_000", "<<", "?", "\x7f", "a\rb", strings.Repeat("long ", 60)} {
		for style := range byte(12) {
			f.Add(s, s, style)
		}
	}
	f.Fuzz(func(t *testing.T, key, value string, style byte) {
		if !utf8.ValidString(key+value) || strings.ContainsAny(key+value, "\x00") {
			t.Skip()
		}
		scalar := func(s string) *yaml.Node {
			n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
			switch style % 4 {
			case 1:
				n.Style = yaml.DoubleQuotedStyle
			case 2:
				n.Style = yaml.SingleQuotedStyle
			case 3:
				n.Style = yaml.LiteralStyle
			}
			return n
		}
		mapping := func(kv ...*yaml.Node) *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Content: kv} }
		list := func(items ...*yaml.Node) *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Content: items} }
		plain := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
		quoted := func(s string) *yaml.Node {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s}
		}
		extra := mapping(
			plain("ssh"), mapping(quoted(key), scalar(value)),
			plain("list"), list(scalar(value), mapping(quoted(key), list(scalar(value)))),
			plain("message"), scalar(value),
		)
		if key != "ssh" && key != "list" && key != "message" {
			extra.Content = append(extra.Content, quoted(key), scalar(value))
		}
		if style >= 8 {
			extra.Style |= yaml.FlowStyle
		}
		// By way of text, as a profile comes.
		src, err := yaml.Dump(mapping(
			plain("version"), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"},
			plain("name"), plain("x"), plain("host"), mapping(plain("os"), plain("linux")),
			plain("guest"), mapping(plain("system"), plain("debian"), plain("release"), quoted("13"), plain("user"), mapping(plain("name"), plain("dev"))),
			plain("lima"), mapping(plain("extra"), extra)))
		if err != nil {
			t.Skip()
		}
		p, err := profile.Load("vmloom.yaml", src)
		if err != nil {
			t.Skip()
		}
		var there struct {
			Lima struct {
				Extra map[string]any `yaml:"extra"`
			} `yaml:"lima"`
		}
		if err := yaml.Load(src, &there); err != nil {
			t.Skip()
		}
		got, err := mergeExtra([]byte(extraDoc), p.Lima.Extra.Node)
		if err != nil {
			t.Skip(fmt.Sprint("refused: ", err))
		}
		var doc, merged map[string]any
		if err := yaml.Load([]byte(extraDoc), &doc); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Load(got, &merged); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		if d := cmp.Diff(mergeData(doc, there.Lima.Extra), any(merged)); d != "" {
			t.Errorf("%s\n%s\nfrom\n%s", d, got, src)
		}
	})
}
