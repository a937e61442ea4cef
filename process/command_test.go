package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScript: what a dry run prints does, pasted into sh, what its steps say.
func TestScript(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's a $HOME `x`")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	steps := []Step{
		{Does: "Name a file", Cmd: Cmd{Args: []string{"sh", "-c", `echo noise; echo "the $1"`, "sh", "fi le"}}, Sets: "image", Accept: "^the "},
		{Does: "Write it", Cmd: Cmd{Args: []string{"printf", "%s|", "a'b", "${image}", "x${image}/y $z"}, Dir: dir, Stdout: "${image}"}},
		{Does: "Read it", Cmd: Cmd{Args: []string{"sh", "-c", `cat; echo "$WHO"`}, Env: []string{"WHO=m e"}, Dir: dir, Stdin: "${image}", Stdout: "copy"}},
	}
	out, err := exec.Command("sh", "-euc", Script(steps)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, Script(steps))
	}
	got, err := os.ReadFile(filepath.Join(dir, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	want := "a'b|the fi le|xthe fi le/y $z|m e\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	const golden = `# Name a file
image=$(sh -c 'echo noise; echo "the $1"' sh 'fi le' | tail -n 1)
`
	if diff := cmp.Diff(golden, Script(steps[:1])); diff != "" {
		t.Error(diff)
	}
}
