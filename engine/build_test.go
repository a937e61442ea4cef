package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/process"
)

// TestSteps: Build does the same as the script, cleans up after a failure, and
// leaves no image.
func TestSteps(t *testing.T) {
	dir := t.TempDir()
	job := &Job{Base: dir, Work: dir, Image: filepath.Join(dir, "image"), Log: filepath.Join(dir, "log")}
	steps := []process.Step{
		{Cmd: sh("echo noise; echo /store/abc"), Sets: "image", Accept: "^/store/"},
		{Cmd: process.Cmd{Args: []string{"echo", "${image}"}, Stdout: job.Image}},
	}
	e := Engine{Name: "test", plan: func(*Job) ([]process.Step, error) { return steps, nil }, parse: plainParser, explain: byTable(func(*Job) []known { return nil })}
	if _, err := e.Build(context.Background(), job, nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(job.Image); string(got) != "/store/abc\n" {
		t.Errorf("got %q", got)
	}
	cleaned := filepath.Join(dir, "cleaned")
	steps = append(steps, process.Step{Cmd: sh("echo 'why not' >&2; exit 3")}, process.Step{Cmd: sh("touch never")}, process.Step{Cmd: process.Cmd{Args: []string{"touch", cleaned}}, Cleanup: true})
	_, err := e.Build(context.Background(), job, nil)
	f, ok := err.(*Failure)
	if !ok || f.Cause != "sh: exit status 3" {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"why not"}, f.Err.Last); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(cleaned); err != nil {
		t.Error("it was not cleaned up")
	}
	if _, err := os.Stat(job.Image); err == nil {
		t.Error("an image was left")
	}
}

// TestUncleaned: what cannot be removed is told, beside why the build failed or
// instead; an image that was made stays.
func TestUncleaned(t *testing.T) {
	dir := t.TempDir()
	job := &Job{Base: dir, Work: dir, Image: filepath.Join(dir, "image"), Log: filepath.Join(dir, "log")}
	steps := []process.Step{{Cmd: process.Cmd{Args: []string{"echo", "made"}, Stdout: job.Image}}, {Cmd: sh("exit 4"), Cleanup: true}}
	e := Engine{Name: "test", plan: func(*Job) ([]process.Step, error) { return steps, nil }, parse: plainParser, explain: byTable(func(*Job) []known { return nil })}
	_, err := e.Build(context.Background(), job, nil)
	if left, ok := err.(*Uncleaned); !ok || left.Error() != "cleaning up: sh: exit status 4" {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(job.Image); err != nil {
		t.Error("the image was removed")
	}
	steps = append([]process.Step{{Cmd: sh("exit 3")}}, steps...)
	_, err = e.Build(context.Background(), job, nil)
	var f *Failure
	var left *Uncleaned
	if !errors.As(err, &f) || f.Cause != "sh: exit status 3" || !errors.As(err, &left) || left.Cause != "sh: exit status 4" {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(job.Image); err == nil {
		t.Error("an image was left")
	}
}

// TestStaleImage: what a killed build has left, which only its owner's root could write over, is out of the way.
func TestStaleImage(t *testing.T) {
	dir := t.TempDir()
	job := &Job{Base: dir, Work: dir, Image: filepath.Join(dir, "image"), Log: filepath.Join(dir, "log")}
	if err := os.WriteFile(job.Image, []byte("half"), 0o444); err != nil {
		t.Fatal(err)
	}
	e := Engine{Name: "test", parse: plainParser, explain: byTable(func(*Job) []known { return nil }), plan: func(*Job) ([]process.Step, error) {
		return []process.Step{{Cmd: sh("test ! -e " + job.Image)}}, nil
	}}
	if _, err := e.Build(context.Background(), job, nil); err != nil {
		t.Error(err)
	}
}

// TestEndlessLine: a tool that never ends its line is neither kept nor shown whole.
func TestEndlessLine(t *testing.T) {
	dir := t.TempDir()
	job := &Job{Base: dir, Work: dir, Image: filepath.Join(dir, "image"), Log: filepath.Join(dir, "log")}
	longest := 0
	e := Engine{Name: "test", explain: byTable(func(*Job) []known { return nil }), plan: func(*Job) ([]process.Step, error) {
		return []process.Step{{Cmd: sh("head -c 5000000 /dev/zero | tr '\\0' x >&2; exit 3")}}, nil
	}, parse: plainParser}
	_, err := e.Build(context.Background(), job, func(p Progress) { longest = max(longest, len(p.Line)) })
	f, ok := err.(*Failure)
	if !ok || longest == 0 || longest > process.MaxLine {
		t.Fatalf("%d bytes in a line, %v", longest, err)
	}
	for _, line := range f.Err.Last {
		if len(line) > len(process.Short(strings.Repeat("x", process.MaxLine))) {
			t.Errorf("%d bytes of it are shown", len(line))
		}
	}
}

func TestStepRefusesOutput(t *testing.T) {
	dir := t.TempDir()
	job := &Job{Base: dir, Work: dir, Image: filepath.Join(dir, "image"), Log: filepath.Join(dir, "log")}
	e := Engine{Name: "test", parse: plainParser, explain: byTable(func(*Job) []known { return nil }), plan: func(*Job) ([]process.Step, error) {
		return []process.Step{{Cmd: sh("echo surprise"), Sets: "image", Accept: "^/store/"}}, nil
	}}
	_, err := e.Build(context.Background(), job, nil)
	if err == nil || err.Error() != `sh: gave "surprise", which is not what was asked for` {
		t.Errorf("got %v", err)
	}
}

// plainLines shows every line as it is.
type plainLines struct{ last string }

func plainParser() parser { return &plainLines{} }

func (p *plainLines) line(s string) (string, bool) { p.last = plain(s); return p.last, true }
func (p *plainLines) progress() Progress           { return Progress{Line: p.last} }

func sh(script string) process.Cmd { return process.Cmd{Args: []string{"sh", "-c", script}} }

// TestDerivation: what nix prints of a build, or what a plan asks for, is noted with the image; of a derivation alone
// no image comes.
func TestDerivation(t *testing.T) {
	const drv = "/nix/store/gfb82n0wi9qkh9rkvw48g4wk9hf0q66x-dev.drv"
	dir := t.TempDir()
	job := &Job{Log: filepath.Join(dir, "log"), Image: filepath.Join(dir, "image")}
	for _, s := range []process.Step{
		{Cmd: process.Cmd{Args: []string{"echo", `[{"drvPath":"` + drv + `","outputs":{"out":"/nix/store/x"}}]`}}},
		{Cmd: process.Cmd{Args: []string{"echo", drv}}, Sets: "DRV", Accept: storePath},
	} {
		steps := func(*Job) ([]process.Step, error) { return []process.Step{s}, nil }
		e := Engine{Name: "test", plan: steps, names: steps, parse: plainParser}
		made, err := e.Build(t.Context(), job, nil)
		if err != nil || made.Derivation != drv {
			t.Errorf("%+v, %v", made, err)
		}
		if now, err := e.Derivation(t.Context(), job, nil); err != nil || now != drv {
			t.Errorf("%s, %v", now, err)
		}
	}
}
