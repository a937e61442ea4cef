package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"vmloom/internal/tooltest"
)

// guixWrong is what TestGuixWrong lets go wrong without a network: with the profile or a module
// of it, by name, and with the machine, by a line of sh around $BUILD.
type guixWrong struct {
	name, guest, module string
	around, small       string // what runs build-image; the file system that is full
	noDaemon            bool
}

func guixWrongs(t *testing.T) (out []guixWrong) {
	archive, err := txtar.ParseFile("../../testdata/guix/wrong.txtar")
	must(t, err)
	for _, f := range archive.Files {
		name, kind, _ := strings.Cut(f.Name, ".")
		w := guixWrong{name: name}
		if kind == "scm" {
			w.module = string(f.Data)
		} else {
			w.guest = strings.TrimSpace(string(f.Data))
		}
		out = append(out, w)
	}
	const nobody = "chmod -R a+rwX . && setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp "
	return append(out,
		guixWrong{name: "no-network", around: "$BUILD"},
		guixWrong{name: "unprivileged", around: nobody + "$BUILD"},
		guixWrong{name: "socket-of-others", around: nobody + "sh -c 'exit 0'; chmod 700 /var/guix/daemon-socket; " + nobody + "$BUILD; s=$?; chmod 755 /var/guix/daemon-socket; exit $s"},
		guixWrong{name: "interrupt", around: "setsid $BUILD & p=$!; until grep -qsa image-siz[e] /proc/[0-9]*/cmdline; do sleep 0.05; done; kill -INT $p; wait $p"},
		guixWrong{name: "no-daemon", around: "rm -f /var/guix/daemon-socket/socket; $BUILD", noDaemon: true},
		guixWrong{name: "dead-socket", around: `mkdir -p /var/guix/daemon-socket; perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("/var/guix/daemon-socket/socket"))'; $BUILD; s=$?; rm -f /var/guix/daemon-socket/socket; exit $s`, noDaemon: true},
		guixWrong{name: "full-disk", around: "$BUILD", small: "/var/guix:300k"},
		guixWrong{name: "full-store", around: "$BUILD", small: "/gnu/store:200k"},
	)
}

// command is the one of build-image that goes wrong.
func (w guixWrong) command() string {
	system, kind := "x86_64-linux", "qcow2"
	if strings.Contains(w.guest, "aarch64") {
		system, kind = "aarch64-linux", "qcow2-gpt"
	}
	return fmt.Sprintf("guix system image --system=%s -t %s --image-size=20GiB -d --no-grafts --no-substitutes /work/%s/generated/dev/guix/system.scm", system, kind, w.name)
}

// guixSample are those that CI looks at; the rest has its words recorded.
var guixSample = []string{"unknown-output", "no-module", "package-as-text", "no-network", "unprivileged", "socket-of-others", "interrupt", "no-daemon", "dead-socket", "full-disk", "full-store"}

// TestGuixWrong has build-image drive the real Guix into each failure that needs no network;
// what it says of each is kept. With -update it records Guix's own words, too, for the
// tests of package engine.
func TestGuixWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix, for a minute")
	}
	guix, version := tooltest.Guix(t)
	dir := t.TempDir()
	wrongs := guixWrongs(t)
	if !tooltest.Full() {
		wrongs = filterWrongs(wrongs, guixSample)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "vmloom"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, w := range wrongs {
		writeWrong(t, filepath.Join(dir, w.name), w)
	}
	runWrongs(t, guix, dir, wrongs)
	var got strings.Builder
	for _, w := range wrongs {
		got.WriteString(wrongSaid(t, filepath.Join(dir, w.name), w.name))
	}
	if *update && tooltest.Full() {
		writeFile(t, "../../testdata/guix/wrong.golden", got.String())
		recordWrongs(t, dir, version, wrongs)
	}
	want, err := os.ReadFile("../../testdata/guix/wrong.golden")
	must(t, err)
	if d := cmp.Diff(onlyWrongs(string(want), wrongs), got.String()); d != "" {
		t.Errorf("wrong.golden (-want +got), with %s:\n%s", version, d)
	}
}

func filterWrongs(all []guixWrong, names []string) (out []guixWrong) {
	for _, w := range all {
		for _, name := range names {
			if w.name == name {
				out = append(out, w)
			}
		}
	}
	return out
}

func onlyWrongs(golden string, wrongs []guixWrong) string {
	out := ""
	for _, w := range wrongs {
		_, rest, _ := strings.Cut("\n"+golden, "\n"+w.name+"\n")
		out += w.name + "\n" + rest[:strings.Index(rest, "\n\n")+2]
	}
	return out
}

// writeWrong makes the profile with its generated files; a module that is missing on purpose is in its text.
func writeWrong(t *testing.T, dir string, w guixWrong) {
	profile := "version: 1\nname: dev\nhost: {os: linux}\nguest: {system: guix, user: {name: dev}"
	if w.guest != "" {
		profile += ", " + w.guest
	}
	profile += "}\nhome: {disk: 1GiB}\nresources: {disk: 20GiB}\n"
	if w.module != "" {
		profile += "guix: {modules: [./local.scm]}\n"
		writeFile(t, filepath.Join(dir, "local.scm"), w.module)
	}
	writeFile(t, filepath.Join(dir, "vmloom.yaml"), profile)
	gen := exec.Command(filepath.Join(filepath.Dir(dir), "vmloom"), "gen", "-q", ".")
	gen.Dir = dir
	if out, err := gen.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", w.name, err, out)
	}
}

// runWrongs runs those of one machine's state in one chroot.
func runWrongs(t *testing.T, guix tooltest.Chroot, dir string, wrongs []guixWrong) {
	sessions := map[string][]string{}
	for _, w := range wrongs {
		around := w.around
		if around == "" {
			around = "$BUILD"
		}
		line := fmt.Sprintf("(cd %s; BUILD='../vmloom build-image --on local --json'; ( %s ) >out 2>talk; echo $? >status)", w.name, around)
		if *update {
			line += fmt.Sprintf("; %s 2>%s/raw.err", w.command(), w.name)
		}
		key := w.small
		if w.noDaemon {
			key = "no daemon"
		}
		sessions[key] = append(sessions[key], line)
	}
	for key, lines := range sessions {
		// In a file: no command line but guix's holds guix's words, for which "interrupt" looks.
		writeFile(t, filepath.Join(dir, "session.sh"), strings.Join(lines, "\n")+"\ntrue\n")
		words := []string{"sh", "session.sh"}
		cmd := guix.Guix(dir, words...)
		switch key {
		case "no daemon":
			cmd = guix.Command(dir, words...)
		case "":
		default:
			cmd.Env = append(cmd.Env, "SMALL="+key)
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

// wrongSaid is what build-image made of it.
func wrongSaid(t *testing.T, dir, name string) string {
	read := func(file string) string {
		text, err := os.ReadFile(filepath.Join(dir, file))
		must(t, err)
		return string(text)
	}
	var results struct {
		Profiles []struct {
			State string
			Error struct{ Cause, Hint, Field string }
		}
	}
	status := strings.TrimSpace(read("status"))
	if status == "130" {
		lines := strings.Split(strings.TrimSpace(read("talk")), "\n")
		return fmt.Sprintf("%s\n  status: 130\n  said: %s\n\n", name, lines[len(lines)-1])
	}
	if err := json.Unmarshal([]byte(read("out")), &results); err != nil || len(results.Profiles) != 1 || results.Profiles[0].State != "failed" || status == "0" {
		t.Fatalf("%s: status %s, %v: %s\n%s", name, status, err, read("out"), read("talk"))
	}
	e := results.Profiles[0].Error
	return fmt.Sprintf("%s\n  status: %s\n  cause: %s\n  hint: %s\n  field: %s\n\n", name, status, e.Cause, e.Hint, e.Field)
}

// recordWrongs keeps Guix's own words for what no state of the machine is needed for, as a
// tester of its output would see them: backtraces are cut short.
func recordWrongs(t *testing.T, dir, version string, wrongs []guixWrong) {
	archive := &txtar.Archive{Comment: []byte("Recordings of " + version + " of Debian sid, by go test ./cmd/vmloom -run TestGuixWrong -update with VMLOOM_FULL=1.\n")}
	frame := regexp.MustCompile(`(?m)^( +\d+:\d+ +\d+ \(.{60}|In [^:\n]+:).*\n`)
	for _, w := range wrongs {
		if w.around != "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, w.name, "raw.err"))
		must(t, err)
		archive.Files = append(archive.Files, txtar.File{Name: w.name + ".cmd", Data: []byte(w.command() + "\n")},
			txtar.File{Name: w.name + ".rc", Data: []byte("1\n")}, txtar.File{Name: w.name + ".err", Data: frame.ReplaceAll(text, nil)})
	}
	writeFile(t, "../../testdata/guix/recordings-sid.txtar", string(txtar.Format(archive)))
}
