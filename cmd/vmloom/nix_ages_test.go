package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"vmloom/internal/tooltest"
)

var recordNix = flag.Bool("record-nix", false, "keep what nix says where builds fail in engine/testdata/nix/said, which is to be empty before: of the nix on PATH, and of those of other ages")

// TestNixAges has nix 2.26 and the newest build, fail, pin and reach other machines as the nix on PATH does.
func TestNixAges(t *testing.T) {
	t.Parallel()
	const (
		smoke  = "^TestBuildImageNix(|Fails|Conf)$"
		sample = "^(TestBuildImageNix(|Paste|Fails|Twice|Cut|SSH|Lima|Conf)|TestNix(OneLock|FleetLock))$"
		whole  = "^(TestBuildImageNix.*|TestNix(OneLock|FleetLock|LockWrong|OwnWrong))$"
	)
	var flags []string
	if *recordNix {
		flags = append(flags, "-record-nix")
	}
	t.Run("middle", func(t *testing.T) { tooltest.NixAge(t, tooltest.NixMiddle, smoke, whole, flags...) })
	t.Run("newest", func(t *testing.T) { tooltest.NixAge(t, tooltest.NixNewest, sample, whole, flags...) })
}

// log has all that was said in a build.
func (s *nixSeam) log() string { return filepath.Join(s.dir, "images/ascalon-aarch64.log") }

var seamDirs = regexp.MustCompile(`/tmp/Test\w+/\d+`)

// record keeps what nix has said in a build that failed, by its version: engine reads it in its tests.
func (s *nixSeam) record(t *testing.T) {
	t.Helper()
	said, err := os.ReadFile(s.log())
	if err != nil {
		return // vmloom saw it coming, and nix was not called
	}
	version, err := exec.Command(s.Path, "--version").Output()
	must(t, err)
	fields := strings.Fields(string(version))
	file := filepath.Join(tooltest.Repository(t), "engine/testdata/nix/said", fields[len(fields)-1]+".txtar")
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	old, _ := os.ReadFile(file)
	archive := txtar.Parse(old)
	archive.Comment = version
	if at := bytes.LastIndex(said, []byte("\n$ ")); at >= 0 { // the call that failed
		_, said, _ = bytes.Cut(said[at+1:], []byte("\n"))
	}
	said = bytes.ReplaceAll(said, []byte(tooltest.Repository(t)), []byte("/tmp/seam"))
	if *wholeNixpkgs != "" {
		said = bytes.ReplaceAll(said, []byte(*wholeNixpkgs), []byte("/tmp/seam/nixpkgs"))
	}
	said = seamDirs.ReplaceAll(said, []byte("/tmp/seam"))
	archive.Files = append(archive.Files, txtar.File{Name: strings.TrimPrefix(t.Name(), "TestBuildImageNix"), Data: said})
	must(t, os.WriteFile(file, txtar.Format(archive), 0o644))
}
