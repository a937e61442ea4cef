package main

import (
	"flag"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"howett.net/plist"

	"vmloom/internal/tooltest"
)

var update = flag.Bool("update", false, "rewrite the goldens of testdata/scripts, docs and examples")

// TestMain lets scripts call the program.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"vmloom": main})
}

// tests are all tests, and what they leave.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	defer func() { os.RemoveAll(fakesDir) }()
	return t.m.Run()
}

// fakesDir is where fakes puts the program, once it is asked for.
var fakesDir string

// fakes builds the stand-ins, and gives the program's path.
var fakes = sync.OnceValue(func() string {
	var program string
	var err error
	if fakesDir, err = os.MkdirTemp("", "fakes"); err == nil {
		program, err = tooltest.BuildFakes(fakesDir)
	}
	if err != nil {
		panic(err)
	}
	return program
})

// TestScripts runs testdata/scripts: what a user types and sees.
func TestScripts(t *testing.T) {
	params := scriptParams(tooltest.Need(t, "sh"))
	params.Dir = "../../testdata/scripts"
	params.UpdateScripts = *update
	testscript.Run(t, params)
}

// TestScriptsInShells runs the generated scripts in other shells than the one
// that is sh here: dash, and bash under the name sh, which it is on a Mac.
func TestScriptsInShells(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: TestScripts has run them in the sh of this machine")
	}
	here, err := filepath.EvalSymlinks(tooltest.Need(t, "sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"dash", "bash"} {
		t.Run(shell, func(t *testing.T) {
			path := tooltest.Need(t, shell)
			if real, err := filepath.EvalSymlinks(path); err != nil || real == here {
				t.Skipf("%s is sh here, in which TestScripts has run them (%v)", shell, err)
			}
			sh := filepath.Join(t.TempDir(), "sh")
			if err := os.Symlink(path, sh); err != nil {
				t.Fatal(err)
			}
			params := scriptParams(sh)
			for _, runner := range []string{"lima", "qemu"} {
				files, err := filepath.Glob("../../testdata/scripts/" + runner + "_*.txtar")
				must(t, err)
				params.Files = append(params.Files, files...)
			}
			testscript.Run(t, params)
		})
	}
}

// scriptParams is how a script runs; $SH is the shell for what it generates.
func scriptParams(shell string) testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			repo, err := filepath.Abs("../..")
			env.Setenv("REPO", repo)
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("SH", shell)
			env.Setenv("VMLOOM_TODAY", "2026-01-01")
			env.Setenv("MANY", "40") // profiles of a fleet, of which some cost CI too much
			if tooltest.Full() {
				env.Setenv("MANY", "200")
			}
			env.Setenv("GORACE", "atexit_sleep_ms=0") // -race: each call of a fake would end a second late
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"document":   isDocument,
			"fake":       fake,
			"inline":     inline,
			"socket":     socket,
			"guest":      fillGuest,
			"serve":      serve,
			"short-home": shortHome,
			"free-port":  freePortIn,
			"taken":      taken,
			"tunnel":     tunnel,
		},
	}
}

// inline takes out of a plist or a unit the script that it runs: inline FILE TO.
func inline(ts *testscript.TestScript, neg bool, args []string) {
	text, err := inlined(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}

// inlined is the third word of a job's command line, which /bin/sh -c runs.
func inlined(file string) (string, error) {
	var job struct{ ProgramArguments []string }
	if _, err := plist.Unmarshal([]byte(file), &job); err == nil && len(job.ProgramArguments) == 3 {
		return job.ProgramArguments[2], nil
	}
	_, word, _ := strings.Cut(file, "\nExecStart=/bin/sh -c ")
	word, _, _ = strings.Cut(word, "\n")
	text, err := strconv.Unquote(word) // systemd's escapes, as far as we write them, are Go's
	return strings.NewReplacer("$$", "$", "%%", "%").Replace(text), err
}

// fake puts stand-ins for the named tools first on PATH, for this script only.
func fake(ts *testscript.TestScript, neg bool, tools []string) {
	dir := ts.MkAbs(".fakes")
	ts.Check(os.MkdirAll(dir, 0o777))
	for _, tool := range tools {
		if !slices.Contains(tooltest.Faked(), tool) {
			ts.Fatalf("nothing stands in for %s", tool)
		}
	}
	ts.Check(tooltest.Fake(dir, fakes(), tools...))
	path := []string{dir, filepath.Dir(fakes()), ts.Getenv("PATH")}
	ts.Setenv("PATH", strings.Join(path, string(os.PathListSeparator)))
}

// socket makes sockets of the named files, on which nobody listens.
func socket(ts *testscript.TestScript, neg bool, files []string) {
	for _, file := range files {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: ts.MkAbs(file), Net: "unix"})
		ts.Check(err)
		l.SetUnlinkOnClose(false)
		ts.Check(l.Close())
	}
}
