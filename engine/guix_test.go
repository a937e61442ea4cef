package engine

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/process"

	"github.com/google/go-cmp/cmp"
)

const guixYAML = `version: 1
name: dev
host: {os: linux, user: ada}
guest: {system: guix, user: {name: ada}}
resources: {disk: 20GiB}
guix: {modules: [./w_local.scm, ../shared/two.scm]}
`

func guixJob(t *testing.T) *Job {
	return &Job{
		Profile: loadProfile(t, guixYAML), Base: "/home/ada/a b/machines", Work: "/tmp/vmloom-dev",
		Image: "/home/ada/a b/machines/images/.dev-x86_64.partial", Place: Place{Kind: Local},
	}
}

// TestGuixFailures: each call of the real guix that failed has a cause, and most a
// hint; what has none is passed on in guix's own words.
func TestGuixFailures(t *testing.T) {
	golden(t, "guix/failures.golden", guixCauses(t, guixJob(t), 75, readCalls(t, "../testdata/guix/recordings.txtar")))
	// Those of Debian sid, of faults in a module ./local.scm.
	local := &Job{Profile: loadProfile(t, strings.ReplaceAll(guixYAML, "[./w_local.scm, ../shared/two.scm]", "[./local.scm]")), Place: Place{Kind: Local}}
	golden(t, "guix/failures-sid.golden", guixCauses(t, local, 20, readCalls(t, "../testdata/guix/recordings-sid.txtar")))
}

// TestGuixLog: guix system prints no log of a build, but the daemon keeps it, and what is in its end decides.
func TestGuixLog(t *testing.T) {
	j := guixJob(t)
	file := filepath.Join(t.TempDir(), "066m74wn06wyvkawkx69ag8ky01q0v-partition.img.drv.gz")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprintf(w, "%s\n\x1b[31m__populate_fs: Could not allocate block in ext2 filesystem while writing file\n", strings.Repeat("a line before\n", 200_000))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	talk := "builder for `/gnu/store/m8066m74wn06wyvkawkx69ag8ky01q0v-partition.img.drv' failed with exit code 1\n" +
		"build of /gnu/store/m8066m74wn06wyvkawkx69ag8ky01q0v-partition.img.drv failed\nView build log at '" + file + "'.\n" +
		"guix system: error: build of `/gnu/store/8p6v5y7n3r3f0q4p0ks2bq1p8fqj4r5x-image.qcow2.drv' failed\n"
	if f := guixSays(j, talk); f.Field != "resources.disk" {
		t.Errorf("%s\n%s", f.Cause, f.Hint)
	}
	j.Place = Place{Kind: SSH, Host: "builder"} // the file is another machine's
	if f := guixSays(j, talk); f.Cause != "partition.img: does not build" || !strings.Contains(f.Hint, "ssh builder zcat "+file) {
		t.Errorf("%s\n%s", f.Cause, f.Hint)
	}
	if err := os.WriteFile(file, packed.Bytes()[:packed.Len()/2], 0o600); err != nil { // breaks off
		t.Fatal(err)
	}
	if lines := strings.Split(logTail(file), "\n"); len(lines) != maxLogLines || lines[0] != "a line before" {
		t.Errorf("%q", lines)
	}
	if logTail(file+".none") != "" {
		t.Error("a log that is not there")
	}
}

func guixCauses(t *testing.T, j *Job, least int, calls []call) string {
	var out strings.Builder
	failed := 0
	for _, c := range calls {
		if strings.TrimSpace(c.rc) != "1" {
			continue
		}
		failed++
		exit := &process.ExitError{Cmd: process.Cmd{Args: []string{"guix"}}, Status: 1}
		talk := c.err
		if strings.HasPrefix(c.name, "tty-") {
			talk = c.out
		}
		f := guixSays(j, talk)
		fmt.Fprintf(&out, "%s: %s\n  %s\n", c.name, strings.ReplaceAll(c.cmd, "\n", " "), f.Cause)
		if f.Hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", f.Hint)
		}
		if f.Field != "" {
			fmt.Fprintf(&out, "  field: %s\n", f.Field)
		}
		switch {
		case f.Cause == exit.Error():
			t.Errorf("%s: the exit status is all that is told of:\n%s", c.name, talk)
		case strings.ContainsAny(f.Cause, "\x1b\r\n") || len(f.Cause) > 400:
			t.Errorf("%s: the cause is no line for people: %q", c.name, f.Cause)
		case strings.Contains(f.Cause+f.Hint, "$1") || strings.Contains(f.Cause+f.Hint, "$2"):
			t.Errorf("%s: %q, %q", c.name, f.Cause, f.Hint)
		}
	}
	if failed < least {
		t.Errorf("only %d failures were looked at", failed)
	}
	return out.String()
}

// TestGuixProgress replays what guix says, and shows each step of the progress.
func TestGuixProgress(t *testing.T) {
	var out strings.Builder
	for _, c := range readCalls(t, "../testdata/guix/recordings.txtar") {
		switch c.name {
		case "triv-ok", "subst-ok", "subst-dead-dry", "n-build", "dl-ok", "lock-wait", "tm-offline", "triv-depfail":
		default:
			continue
		}
		fmt.Fprintf(&out, "==== %s\n", c.name)
		p := &guixParser{}
		last := Progress{}
		for line := range strings.Lines(c.err) {
			text, show := p.line(strings.TrimRight(line, "\r\n"))
			if show {
				fmt.Fprintf(&out, "%s\n", text)
			}
			now := p.progress()
			if now.Line = ""; now != last {
				last = now
				fmt.Fprintf(&out, "    built %d/%d fetched %d/%d %q %q\n", now.Built, now.Builds, now.Fetched, now.Fetch, now.Now, now.Phase)
			}
		}
	}
	golden(t, "guix/progress.golden", out.String())
}

func FuzzGuixLine(f *testing.F) {
	f.Add("substitute: \r\x1b[Klooking for substitutes on 'x'... 0.0%guix substitute: warning: y")
	f.Add("1e999 MB will be downloaded:")
	f.Add("9999999999999999 MB will be downloaded:\nsubstituting /gnu/store/x...")
	f.Fuzz(func(t *testing.T, talk string) {
		p := &guixParser{}
		for line := range strings.Lines(talk) {
			text, show := p.line(line)
			if show && (text == "" || strings.ContainsAny(text, "\x00\x07\x1b\r\n")) {
				t.Errorf("%q is no line for people", text)
			}
			if now := p.progress(); now.Built > now.Builds || now.Fetched > now.Fetch || now.Fetched < 0 {
				t.Errorf("%+v", now)
			}
		}
	})
}

func TestGuixPlans(t *testing.T) {
	golden(t, "guix/plans.golden", scripts(t, guixEngine(), guixJob(t)))
}

func TestGuixTree(t *testing.T) {
	j := guixJob(t)
	root, files := guixTree(j)
	want := []string{"./machines/generated/dev/guix/channels.scm", "./machines/generated/dev/guix/system.scm", "./machines/w_local.scm", "./shared/two.scm"}
	if d := cmp.Diff(want, files); root != "/home/ada/a b" || d != "" {
		t.Errorf("root %s\n%s", root, d)
	}
	j.Profile.Guix.Modules = []string{"./-C.scm", "./../../x y/../z.scm"}
	root, files = guixTree(j)
	if root != "/home/ada" || files[2] != "./a b/machines/-C.scm" || files[3] != "./z.scm" {
		t.Errorf("root %s, files %q", root, files)
	}
}

func TestGuixPinned(t *testing.T) {
	const commit = "230aa373f315f247852ee07dff34146e9b480aec"
	for _, c := range []struct {
		version, guix string
		want          bool
	}{
		{"guix (GNU Guix) 1.5.0", "", true},
		{"guix (GNU Guix) 1.4.0", "", false},
		{"guix (GNU Guix) 1.50.0", "", false},
		{"guix (GNU Guix) 1.4.0", "guix: {version: '1.4'}", true},
		{"guix (GNU Guix) " + commit, "", false},
		{"guix (GNU Guix) " + commit, "guix: {channels: [{name: guix, commit: " + commit + "}]}", true},
		{"guix (GNU Guix) 1.5.0", "guix: {channels: [{name: guix, commit: " + commit + "}]}", false},
		{"guix (GNU Guix) " + commit, "guix: {channels: [{name: guix, commit: " + commit + "}, {name: more, url: 'https://example.org/x', commit: " + commit + "}]}", false},
		{"something else", "", false},
	} {
		j := &Job{Profile: loadProfile(t, "version: 1\nname: dev\nhost: {os: linux, user: ada}\nguest: {system: guix, user: {name: ada}}\n"+c.guix+"\n")}
		if got := guixPinned(c.version, j); got != c.want {
			t.Errorf("%s, %s: %v", c.version, c.guix, got)
		}
	}
}

func TestGuixInputs(t *testing.T) {
	j := guixJob(t)
	e := guixEngine()
	j.Base = t.TempDir()
	before, err := e.InputsHash(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(j.Base, "w_local.scm"), []byte("(define (customize system) system)\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	after, err := e.InputsHash(t.Context(), j)
	if err != nil || after == before {
		t.Errorf("a module of the profile's own does not count: %v", err)
	}
	bigger := *j
	profile := *j.Profile
	profile.Resources.Disk *= 2
	bigger.Profile = &profile
	if size, err := e.InputsHash(t.Context(), &bigger); err != nil || size == after {
		t.Errorf("the size of the disk, which the image has, does not count: %v", err)
	}
}
