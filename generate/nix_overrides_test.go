package generate_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var overrideRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| (yours|joined|refused: [^|]+) \\|$")

// TestNixOverrides holds the table of docs/nix.md: a user's plain value wins, or is refused in the table's words,
// and the value that is there already may be written once more.
func TestNixOverrides(t *testing.T) {
	n := needNix(t)
	run, _ := newConsumer(t, n, "testdata/golden/nixos-own")
	guide, err := os.ReadFile("../docs/nix.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := overrideRow.FindAllStringSubmatch(string(guide), -1)
	if len(rows) < 20 {
		t.Fatalf("only %d rows", len(rows))
	}
	// One evaluation for all that must come out: each row has a system of its own.
	var good strings.Builder
	good.WriteString("f: let base = (f { }).config; done = s: v: builtins.seq s.config.system.build.toplevel.drvPath v; in [")
	refused := 0
	for _, row := range rows {
		option, value := strings.ReplaceAll(row[1], "USER", `"or"`), row[2]
		module := "({ pkgs, ... }: { " + option + " = " + value + "; })"
		good.WriteString(" (let s = f { " + option + " = base." + option + "; }; in done s true)")
		switch {
		case row[3] == "yours":
			good.WriteString(" (let s = f " + module + "; pkgs = s.pkgs; in done s (s.config." + option + " == " + value + "))")
		case row[3] == "joined":
			good.WriteString(" (let s = f " + module + "; in done s (builtins.all (v: builtins.elem v s.config." + option + ") " + value + "))")
		default:
			refused++
			_, errs, err := run("asInput", "f: (f "+module+").config.system.build.toplevel.drvPath")
			if want := strings.TrimPrefix(row[3], "refused: "); err == nil || !strings.Contains(errs, want) {
				t.Errorf("%s = %s: %v: no %q in:\n%s", option, value, err, want, errs)
			}
		}
	}
	out, errs, err := run("asInput", good.String()+" ]")
	if want := strings.Repeat(",true", 2*len(rows)-refused)[1:]; err != nil || strings.TrimSpace(out) != "["+want+"]" {
		t.Errorf("%v: %s\n%s", err, out, errs)
	}
}

// TestNixKeyFiles: keys that a user's module names as files are kept beside the profile's.
func TestNixKeyFiles(t *testing.T) {
	n := needNix(t)
	run, _ := newConsumer(t, n, "testdata/golden/nixos-own")
	out, errs, err := run("keyed", `f: (f "or").config.environment.etc."ssh/vmloom_keys.d/or".text`)
	if err != nil || !strings.Contains(out, "second\\nssh-ed25519 AAAAKEYFILE y\\n") {
		t.Errorf("%v: %s\n%s", err, out, errs)
	}
}
