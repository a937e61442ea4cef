package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFakeLimactl replays calls of the real limactl: the fake must say, on the
// same streams, what it said, and end with its exit code.
func TestFakeLimactl(t *testing.T) {
	replay(t, readRecordings(t, "../../testdata/limactl/recordings.txtar"))
}

// recordings are files by name, and the cases in their order.
type recordings struct {
	files map[string]string
	cases []string
}

func readRecordings(t *testing.T, file string) recordings {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := recordings{files: map[string]string{}}
	for _, f := range archive.Files {
		r.files[f.Name] = string(f.Data)
		if name, ok := strings.CutSuffix(f.Name, ".cmd"); ok {
			r.cases = append(r.cases, name)
		}
	}
	return r
}

// replay makes the calls, and compares with what the real one said.
func replay(t *testing.T, calls recordings) {
	home := t.TempDir()
	for name, text := range calls.files {
		if strings.HasSuffix(name, ".yaml") {
			if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	env := map[string]string{"HOME": home, "FAKE_LIMACTL_VERSION": "2.2.0-153-g183a60d7.m"}
	compared := 0
	for _, name := range calls.cases {
		if before := calls.files[name+".before"]; before != "" {
			cmd := exec.Command("sh", "-ec", before)
			cmd.Env = append(os.Environ(), "LIMA_HOME="+filepath.Join(home, ".lima"))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s.before: %v\n%s", name, err, out)
			}
		}
		env["FAKE_LIMACTL_FAIL"] = map[string]string{"create-download-fails": "create"}[name]
		var out, err bytes.Buffer
		l := &limactl{out: &out, err: &err, env: func(name string) string { return env[name] }}
		argv := strings.Split(strings.TrimSpace(strings.ReplaceAll(calls.files[name+".cmd"], "/home/dev", home)), "\n")
		code := l.main(argv[1:])

		compared++
		if want := strings.TrimSpace(calls.files[name+".rc"]); want != fakeExit(code).Error()[len("exit status "):] {
			t.Errorf("%s: %q ended with %d, want %s", name, argv, code, want)
		}
		for stream, got := range map[string]string{".out": out.String(), ".err": err.String()} {
			wantLines, gotLines := messages(t, calls.files[name+stream], "/home/dev"), messages(t, got, home)
			if d := cmp.Diff(wantLines, gotLines); d != "" {
				t.Errorf("%s%s: %q (-real +fake):\n%s", name, stream, argv, d)
			}
		}
	}
	if compared < 35 {
		t.Errorf("only %d calls were compared", compared)
	}
}

var (
	anyTime  = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[Z0-9.]*`)
	anyPID   = regexp.MustCompile(`process \d+`)
	anyCause = regexp.MustCompile("(failed to unmarshal YAML \\(main file `[^`]*`\\): ).*") // each parser has its own words
	anyImage = regexp.MustCompile(`disk from \S+ to`)
	anyGap   = regexp.MustCompile(` {3,}`) // columns are as wide as the longest path
)

// messages cuts output into lines, without what differs from call to call.
func messages(t *testing.T, output, home string) []string {
	output = strings.ReplaceAll(output, home, "~")
	output = anyTime.ReplaceAllString(output, fakeTime)
	output = anyPID.ReplaceAllString(output, "process 4711")
	output = anyImage.ReplaceAllString(output, "disk from … to")
	output = anyGap.ReplaceAllString(output, "   ")
	output = anyCause.ReplaceAllString(output, "$1…")
	var out []string
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, `{"name":"default"`) {
			line = instanceJSON(t, line)
		}
		out = append(out, line)
	}
	return out
}

// instanceJSON keeps what the fake has of limactl list --json.
func instanceJSON(t *testing.T, line string) string {
	var whole map[string]any
	if err := json.Unmarshal([]byte(line), &whole); err != nil {
		t.Fatal(err)
	}
	for key := range whole {
		if slices.Contains([]string{"config", "param", "limaVersion", "HostOS", "HostArch", "IdentityFile", "hostAgentPID", "driverPID"}, key) {
			delete(whole, key)
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
