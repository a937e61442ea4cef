package profile

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestText(t *testing.T) { testLoad(t, textCases) }

func TestSyntax(t *testing.T) { testLoad(t, syntaxCases) }

// utf16Text is the least profile as Windows' editors may save it.
func utf16Text(bom string) string {
	out := bom
	for _, u := range utf16.Encode([]rune(with(""))) {
		out += string([]byte{byte(u), byte(u >> 8)})
	}
	return out
}

var textCases = []loadCase{
	{"empty", "", "1:1: profile is empty [vmloom init writes one to start from]"},
	{"blank", "  \n\n", "1:1: profile is empty [vmloom init writes one to start from]"},
	{"comments only", "# nothing\n\n# yet\n", "1:1: profile is empty [vmloom init writes one to start from]"},
	{"an empty document", "---\n", "1:1: profile is empty [vmloom init writes one to start from]"},
	{"nothing but null", "~\n", "1:1: profile is empty [vmloom init writes one to start from]"},
	{"UTF-16 with a mark", utf16Text("\xff\xfe"), "1:1: file is UTF-16, not UTF-8 [save it as UTF-8]"},
	{"UTF-16 without", utf16Text(""), "1:1: file is UTF-16, not UTF-8 [save it as UTF-8]"},
	{"invalid UTF-8", with("zebra: ä\xff"), "5:9: invalid UTF-8 [save the file as UTF-8]"},
	{"NUL", with("zebra: a\x00"), "5:9: NUL byte"},
	{"control character", with("zebra: \x1b[31m"), "5:8: control character U+001B"},
	{"control character of ISO 8859", with("zebra: \u0085"), "5:8: control character U+0085"},
	{"line separator", with("zebra: \u2028"), "5:8: control character U+2028"},
	{"carriage returns alone", strings.ReplaceAll(with(""), "\n", "\r"), "1:11: carriage return without a line feed"},
	{"more than 1 MiB", with(strings.Repeat("# a comment\n", MaxBytes/12)), "1:1: file is larger than 1 MiB"},
	{"carriage returns", strings.ReplaceAll(with("zebra: 1\nports: [{guest: 0}]\n"), "\n", "\r\n"), "5:1: zebra: unknown key [" + topKeys + "]\n6:17: ports[0].guest: must be between 1 and 65535"},
	{"byte order mark", "\ufeff" + with(""), ""},
	{"byte order mark before a mistake", "\ufeff{zebra: 1, " + strings.ReplaceAll(with("guest: {system: nixos, user: {name: u}}"), "\n", ", ") + "}", "1:2: zebra: unknown key [" + topKeys + "]"},
	{"columns are characters", with(`build: {"日本😀": 1, on: "é", zebra: 2}`), "5:9: build.日本😀: unknown key [keys here: on, switch, jobs, evaluations]\n5:23: build.on: must be auto, local, ssh://user@host or lima:INSTANCE\n5:28: build.zebra: unknown key [keys here: on, switch, jobs, evaluations]"},
	{"long text", with("build: {on: " + strings.Repeat("a", maxText+1) + "}"), "5:13: build.on: is longer than 4096 bytes"},
	{"long key", with("? " + strings.Repeat("a", maxKey+1) + "\n: 1"), "5:3: key must be one line of at most 256 bytes without control characters"},
	{"long tag", with("lima: !" + strings.Repeat("a", 1000) + " {}"), "5:7: unknown tag [remove it: a profile needs none; a text that begins with ! needs quotes]"},
}

var syntaxCases = []loadCase{
	{"tab as indentation", with(`lima:
	instance: a`), "6:1: YAML: tab character in the indentation [indent with blanks]"},
	{"tab after blanks", with(`lima:
  	instance: a`), "6:3: YAML: tab character in the indentation [indent with blanks]"},
	{"bracket left open", with(`lima: {instance: a
ports: []`), "6:6: YAML: did not find expected ',' or '}' [the bracket of line 5 is not closed]"},
	{"bracket too many", with("ports: []]"), "5:10: YAML: this bracket closes nothing"},
	{"list with nothing in it", with("targets: [lima, , ssh]"), "5:17: YAML: did not find expected node content while parsing a flow node"},
	{"quote left open", with(`lima:
  instance: "a
mounts: []`), "6:13: YAML: this quote is never closed"},
	{"colon in a text", with(`lima:
  instance: a: b`), `6:14: YAML: mapping values are not allowed in this context [a text with ": " in it needs quotes]`},
	{"odd indentation", with(`lima:
  instance: a
 vmType: qemu`), "7:2: YAML: the line is indented unlike those it belongs with [keys of one mapping begin in one column]"},
	{"odd indentation of a key", with(" lima: {}"), "5:2: YAML: the line is indented unlike those it belongs with [keys of one mapping begin in one column]"},
	{"no colon", with(`lima
mounts: []`), "5:1: YAML: key without a colon [write lima:]"},
	{"no colon, and a value", with(`lima ./template.
mounts: []`), "5:1: YAML: key without a colon [write lima: ./template.]"},
	{"no colon within a mapping", with(`lima:
  instance a.b
  vmType: qemu`), "6:3: YAML: key without a colon [write instance: a.b]"},
	{"no colon at the end", with(`lima:
  vmType: qemu
  instance a`), "7:3: YAML: key without a colon [write instance: a]"},
	{"no colon in a flow", with("lima: {instance a, vmType: qemu}"), "5:8: lima.instance a: unknown key [did you mean instance?]"},
	{"no blank after a colon", with(`lima:
  instance:a`), "6:3: lima: must be a mapping [put a blank after the colon]"},
	{"text that starts with a reserved character", with("lima: {instance: @a}"), "5:18: YAML: no text starts with this character [put quotes around the text]"},
	{"text that starts with a star", with("mounts: [{host: **}]"), "5:17: YAML: unknown anchor [a text that starts with * needs quotes]"},
	{"backslash in double quotes", with(`mounts: [{host: "C:\work"}]`), "5:20: YAML: found unknown escape character while scanning a quoted scalar [a backslash needs single quotes around the text]"},
	{"backslash and a number's letter in double quotes", with(`mounts: [{host: "C:\Users"}]`), "5:22: YAML: did not find expected hexadecimal number while scanning a quoted scalar [a backslash needs single quotes around the text]"},
	{"unknown anchor", with("lima: *a"), "5:7: YAML: unknown anchor [a text that starts with * needs quotes]"},
	{"directive", `%FOO
version: 1
`, "1:5: YAML: found unknown directive name while scanning a directive"},
	{"second document", with(`---
name: b`), "5:1: second document: a profile file describes one machine [give it a file of its own: NAME.vmloom.yaml]"},
	{"second document, empty", with("---"), "5:1: second document: a profile file describes one machine [give it a file of its own: NAME.vmloom.yaml]"},
	{"end of the document", with("..."), ""},
	{"document that is a text", `version 1
`, "1:1: not a profile: must be a mapping of keys [vmloom init writes one to start from]"},
}

// TestHostile holds Load to its limits: each ends soon, with few problems.
func TestHostile(t *testing.T) {
	bomb := "lima:\n  extra:\n    a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += "    X: &X [*Y, *Y, *Y, *Y, *Y, *Y, *Y, *Y, *Y]\n"
		bomb = strings.NewReplacer("X", string(c), "Y", string(c-1)).Replace(bomb)
	}
	chain := "lima:\n  extra:\n    a0: &a0 {}\n"
	for i := range 9000 {
		chain += fmt.Sprintf("    a%d: &a%d {y: *a%d}\n", i+1, i+1, i)
	}
	for _, c := range []struct{ name, src, want string }{
		{"alias bomb", bomb, "too many values: a profile may hold 10000, its aliases expanded"},
		{"chain of aliases", chain, "too many values: a profile may hold 10000, its aliases expanded"},
		{"brackets", "lima: " + strings.Repeat("[", 100_000), "exceeded max depth of 100"},
		{"braces", "lima: " + strings.Repeat("{a: ", 100_000), "exceeded max depth of 100"},
		{"closed brackets", "lima: {extra: {a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}}", "exceeded max depth of 100"},
		{"dashes", "lima:\n  " + strings.Repeat("- ", 100_000), "exceeded max depth of 100"},
		{"question marks", strings.Repeat("? ", 100_000), "exceeded max depth of 100"},
		{"unknown keys", strings.Repeat("k: 1\n", 150_000), "too many values"},
		{"unknown packages", "guest: {system: nixos, user: {name: u}, packages: [" + strings.Repeat("abc, ", 9_900) + "]}", `"abc" is not in the package map`},
		{"a huge name", "guest: {system: nixos, user: {name: u}, packages: [" + strings.Repeat("abc", 300_000) + "]}", "is longer than 4096 bytes"},
		{"sockets times mounts", "sockets: [" + strings.Repeat("{name: a, host: /a}, ", 1500) + "]\nmounts: [" + strings.Repeat("{host: /a}, ", 1500) + "]", "has the name a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load("vmloom.yaml", []byte(with(c.src)))
			if got := report(err); !strings.Contains(got, c.want) {
				t.Errorf("got %.300s, want %s", got, c.want)
			}
			if ps, _ := err.(Problems); len(ps) > maxNodes+1 {
				t.Errorf("%d problems", len(ps))
			}
		})
	}
}
