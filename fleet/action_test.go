package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// workflow is all that a project writes itself.
const workflow = `on: push
jobs:
  images:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: ./generated/fleet/github
`

// TestAction: actionlint takes the generated step in a workflow, and refuses what it does not take.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: compiles actionlint")
	}
	dir := repository(t)
	file := filepath.Join(dir, ".github/workflows/images.yml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		workflow: "",
		workflow + "        with: {profiles: machines/amber}\n": "",
		workflow + "        with: {profile: machines/amber}\n":  `input "profile" is not defined in action "vmloom"`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := tooltest.Actionlint(t, dir)
		if (err == nil) != (want == "") || !strings.Contains(out, want) {
			t.Errorf("%v, want %q:\n%s\n%s", err, want, text, out)
		}
	}
	// The step itself: nothing in it is what the linter knows nothing of.
	action := filepath.Join(dir, "generated/fleet/github/action.yml")
	broken, err := os.ReadFile(action)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(action, []byte(strings.Replace(string(broken), "using: composite", "using: composit", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(workflow), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := tooltest.Actionlint(t, dir); err == nil || !strings.Contains(out, "composit") {
		t.Errorf("a broken step is taken: %v\n%s", err, out)
	}
}
