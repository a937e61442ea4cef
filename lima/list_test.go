package lima

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// recorded are the files of an archive of what the real limactl said, by name.
func recorded(t *testing.T, archive string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("../testdata/limactl", archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

func TestInstances(t *testing.T) {
	rec := recorded(t, "recordings.txtar")
	seen := 0
	for name, out := range rec {
		if !strings.HasSuffix(name, ".out") || !strings.Contains(rec[strings.TrimSuffix(name, ".out")+".cmd"], "limactl\nlist\n--json\n") {
			continue
		}
		seen++
		all, err := Instances(out)
		if err != nil || len(all) != strings.Count(out, "\n") {
			t.Errorf("%s: %v %+v", name, err, all)
		}
		for _, in := range all {
			if in.Name == "" || in.Arch != "x86_64" || in.VMType != "qemu" || !filepath.IsAbs(in.Dir) && in.Status != Broken {
				t.Errorf("%s: %+v", name, in)
			}
		}
	}
	if seen < 3 {
		t.Fatalf("only %d lists are recorded", seen)
	}
	all, err := Instances(rec["list-running-json.out"])
	in := Find(all, "default")
	if err != nil || in == nil || Find(all, "other") != nil {
		t.Fatalf("%v %+v", err, all)
	}
	want := Instance{"default", "lima-default", Running, "/home/dev/.lima/default", "qemu", "x86_64", false, "v2.2.0-153-g183a60d7.m"}
	if d := cmp.Diff(want, *in); d != "" {
		t.Error(d)
	}
	if all, err := Instances("{\"name\": \"a\"}\nPanic!\n{\"name\": \"b\"}\n"); err == nil || len(all) != 1 || all[0].Name != "a" {
		t.Errorf("a line that is none: %v %+v", err, all)
	}
	if all, err := Instances(""); err != nil || all != nil {
		t.Errorf("no instance: %v %+v", err, all)
	}
}

func TestDisks(t *testing.T) {
	got, err := Disks(recorded(t, "recordings.txtar")["disk-list.out"])
	want := []Disk{{"home", 2 << 30, "/home/dev/.lima/_disks/home", ""}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestErrors(t *testing.T) {
	talk := ""
	for name, text := range recorded(t, "recordings.txtar") {
		if strings.HasSuffix(name, ".err") && strings.Contains(text, "has errors") && strings.Contains(text, "ha.sock") {
			talk = text
		}
	}
	const want = "failed to connect to `/home/dev/.lima/other/ha.sock`: stat /home/dev/.lima/other/ha.sock: no such file or directory"
	if got := Errors(talk, "other"); got != want {
		t.Errorf("%q in %q", got, talk)
	}
	for _, other := range []string{"", "oth", "another"} {
		if got := Errors(talk, other); got != "" {
			t.Errorf("%q: %q", other, got)
		}
	}
}

func TestReadAgent(t *testing.T) {
	const start = `{"time":"2026-11-22T05:17:24Z","status":{"sshLocalPort":60022}}` + "\n"
	for _, c := range []struct {
		events string
		want   Agent
	}{
		{"", Agent{}},
		{start, Agent{}},
		{start + `{"status":{"running":true}}` + "\n", Agent{Running: true}},
		{start + `{"status":{"running":true,"degraded":true,"errors":["a","b"]}}` + "\n", Agent{true, true, []string{"a", "b"}}},
		{`{"status":{"running":true}}` + "\n" + start + "torn {\n", Agent{Running: true}},
	} {
		if d := cmp.Diff(c.want, ReadAgent(c.events)); d != "" {
			t.Errorf("%s: %s", c.events, d)
		}
	}
}
