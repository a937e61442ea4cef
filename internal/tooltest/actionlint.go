package tooltest

import (
	"os"
	"os/exec"
	"testing"
)

// actionlint is the linter of GitHub's workflows, as a Go module.
const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

// Actionlint lints the workflows below dir, and says what it says. Where it cannot be fetched, the
// test is skipped, or fails where every tool must be there.
func Actionlint(t testing.TB, dir string) (string, error) {
	t.Helper()
	run := func(dir string, args ...string) (string, error) {
		cmd := exec.Command("go", append([]string{"run", actionlint, "-shellcheck=", "-pyflakes="}, args...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(t.TempDir(), "-version"); err != nil {
		t.Logf("%v\n%s", err, out)
		Absent(t, "actionlint")
	}
	return run(dir)
}
