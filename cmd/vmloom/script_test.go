package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata and examples")

// TestMain lets scripts call the program, and the fakes that stand in for tools.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vmloom":       main,
		"fake-limactl": fakeLimactl,
	})
}

// TestScripts runs testdata/scripts: what a user types and sees.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/scripts",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			repo, err := filepath.Abs("../..")
			env.Setenv("REPO", repo)
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fake": fake,
		},
	})
}

// fake puts stand-ins for the named tools first on PATH, for this script only.
func fake(ts *testscript.TestScript, neg bool, tools []string) {
	dir := ts.MkAbs(".fakes")
	ts.Check(os.MkdirAll(dir, 0o777))
	for _, tool := range tools {
		text := fmt.Sprintf("#!/bin/sh\nexec fake-%s \"$@\"\n", tool)
		ts.Check(os.WriteFile(filepath.Join(dir, tool), []byte(text), 0o777))
	}
	ts.Setenv("PATH", dir+string(os.PathListSeparator)+ts.Getenv("PATH"))
}
