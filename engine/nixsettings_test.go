package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"vmloom/process"
)

func nixConfig(system, more string) string {
	return fmt.Sprintf(`{"system":{"value":%q},"max-jobs":{"value":4},"system-features":{"value":["benchmark","kvm"]}%s}`, system, more)
}

func TestNixSettings(t *testing.T) {
	machines := filepath.Join(t.TempDir(), "machines")
	if err := os.WriteFile(machines, []byte("# ours\nssh-ng://builder@linux-builder aarch64-linux,armv7l-linux /etc/nix/key 4 1 big-parallel kvm c3No\n\n@"+machines+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	builders := func(s string) string { return fmt.Sprintf(`,"builders":{"value":%q}`, s) }
	for _, c := range []struct {
		name, config, how string
		virtual           bool
	}{
		{"the same system", nixConfig("aarch64-linux", ""), "nix here builds aarch64-linux itself", true},
		{"without kvm", `{"system":{"value":"aarch64-linux"},"system-features":{"value":"benchmark"}}`, "nix here builds aarch64-linux itself", false},
		{"a Mac", nixConfig("aarch64-darwin", ""), "", false},
		{"emulation", nixConfig("x86_64-linux", `,"extra-platforms":{"value":["i686-linux","aarch64-linux"]}`), "nix here runs aarch64-linux too (extra-platforms)", true},
		{"machines file", nixConfig("aarch64-darwin", builders("@"+machines)), "nix here hands aarch64-linux to its builder ssh-ng://builder@linux-builder", true},
		{"no such file", nixConfig("aarch64-darwin", builders("@"+machines+".gone")), "", false},
		{"in place", nixConfig("aarch64-darwin", builders("ssh://a x86_64-linux ; ssh://b aarch64-linux - 1 1 big-parallel")), "nix here hands aarch64-linux to its builder ssh://b", false},
		{"a builder like here", nixConfig("aarch64-linux", `,"max-jobs":{"value":0}`+builders("ssh://b - - 1 1 kvm")), "nix here hands aarch64-linux to its builder ssh://b", true},
		{"a builder of another kind", nixConfig("aarch64-darwin", builders("ssh://b")), "", false},
		{"no jobs", nixConfig("aarch64-linux", `,"max-jobs":{"value":0}`), "", false},
		{"external builders (2.32)", nixConfig("aarch64-darwin", `,"external-builders":{"value":[{"systems":["aarch64-linux"],"program":"/x","args":[]}]}`), "nix here has an external builder for aarch64-linux", true},
		{"external builders, as text", nixConfig("aarch64-darwin", `,"external-builders":{"value":"[{\"systems\":[\"aarch64-linux\"]}]"}`), "nix here has an external builder for aarch64-linux", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := readNixSettings([]byte(c.config), 3)
			if err != nil {
				t.Fatal(err)
			}
			if how := s.builds("aarch64-linux"); how != c.how || s.virtual("aarch64-linux") != c.virtual {
				t.Errorf("got %q, %v", how, s.virtual("aarch64-linux"))
			}
		})
	}
	for _, bad := range []string{"", "{}", "[]", `{"system":3}`, "error: no"} {
		if _, err := readNixSettings([]byte(bad), 0); err == nil {
			t.Errorf("%q is taken for settings", bad)
		}
	}
}

// limaList is what limactl list --json prints of some machines.
const limaList = `cat <<'.'
{"name":"big","status":"Stopped","arch":"aarch64"}
{"name":"other","status":"Running","arch":"x86_64"}
{"name":"ascalon","status":"Running","arch":"aarch64"}
{"name":"plain","status":"Running","arch":"aarch64"}
{"name":"tools","status":"Running","arch":"aarch64"}
.
`

func TestNixChoose(t *testing.T) {
	mac := "case \"$*\" in *show-config*) echo '" + nixConfig("aarch64-darwin", "") + "' ;; *) exit 1 ;; esac\n"
	with := func(instances string) string {
		return `case "$1 $2" in "list --json")
` + limaList + `exit ;; esac
case "$5" in ` + instances + `) echo "nix (Nix) 2.24.0" ;; *) exit 127 ;; esac
`
	}
	for _, c := range []struct {
		name       string
		tools      map[string]string
		place, why string // or the failure's cause
	}{
		{"nix here can", map[string]string{"nix": "echo '" + nixConfig("aarch64-linux", "") + "'\n", "limactl": with("tools")}, "local", "nix here builds aarch64-linux itself"},
		{"a newer nix", map[string]string{"nix": "case \"$*\" in *'config show'*) echo '" + nixConfig("aarch64-linux", "") + "' ;; *) exit 1 ;; esac\n"}, "local", "nix here builds aarch64-linux itself"},
		{"an instance has nix", map[string]string{"nix": mac, "limactl": with("tools")}, "lima:tools", "nix here (aarch64-darwin) has no builder for it; the Lima instance tools runs and has nix"},
		{"rather another than the profile's own", map[string]string{"nix": mac, "limactl": with("tools|ascalon")}, "lima:tools", "nix here (aarch64-darwin) has no builder for it; the Lima instance tools runs and has nix"},
		{"its own, and says so", map[string]string{"nix": mac, "limactl": with("ascalon")}, "lima:ascalon", "nix here (aarch64-darwin) has no builder for it; this profile's own VM, the Lima instance ascalon, runs and has nix"},
		{"nobody", map[string]string{"nix": mac, "limactl": with("none")}, "", "place: nobody builds aarch64-linux: nix here (aarch64-darwin) has no builder for it, and no Lima instance of that processor runs and has nix"},
		{"nix is broken", map[string]string{"nix": "echo 'error: oops' >&2; exit 1\n"}, "", "place: nobody builds aarch64-linux: nix here does not answer: error: oops, and no Lima"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nixTools(t, c.tools)
			place, why, err := nixChoose(context.Background(), nixJob(t, ""))
			var f *Failure
			switch {
			case c.place != "":
				if err != nil || place.String() != c.place || why != c.why {
					t.Errorf("%v, %q, %v", place, why, err)
				}
			case !errors.As(err, &f) || !strings.HasPrefix(f.Cause, c.why) || !strings.Contains(f.Hint, "--on lima:INSTANCE") || f.Field != "build.on":
				t.Errorf("%+v", err)
			}
		})
	}
	t.Run("no nix here", func(t *testing.T) {
		nixTools(t, nil)
		j := nixJob(t, "")
		want := "this is no Linux of aarch64, and there is no nix here"
		if runtime.GOOS == "linux" && ArchOf(runtime.GOARCH) == "aarch64" {
			want = "nix is not installed here"
		}
		if _, _, err := nixChoose(context.Background(), j); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		nixTools(t, map[string]string{"nix": mac})
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(process.Interrupted{Signal: syscall.SIGINT})
		if _, _, err := nixChoose(ctx, nixJob(t, "")); !errors.As(err, new(process.Interrupted)) {
			t.Errorf("%v", err)
		}
	})
}

func TestNixPreflight(t *testing.T) {
	good := "case \"$*\" in --version) echo 'nix (Determinate Nix 3.8.0) 2.30.1' ;; *show-config*) echo '" + nixConfig("aarch64-linux", "") + "' ;; *) exit 1 ;; esac\n"
	ssh := func(nix string) string { // runs the last word here, with a nix of its own
		return `for last; do :; done; bin=$(mktemp -d); cat > "$bin/nix" <<'.'
#!/bin/sh
` + nix + `.
chmod +x "$bin/nix"; PATH="$bin:/usr/bin:/bin" HOME=/nonexistent; export PATH HOME
case $last in *'sh -lc'*) last="sh -c${last#sh -lc}" ;; esac
sh -c "$last"
`
	}
	for _, c := range []struct {
		name, place string
		tools       map[string]string
		locked      bool
		fatal, warn string // what is said, or empty
	}{
		{"all is well", "local", map[string]string{"nix": good}, false, "", "flake.lock: is not there yet"},
		{"locked", "local", map[string]string{"nix": good}, true, "flake.lock: is not there, and --locked", ""},
		{"no nix", "local", nil, false, "nix: not found", ""},
		{"an old one", "local", map[string]string{"nix": "echo 'nix (Nix) 2.3.16'\n"}, false, "nix: 2.3 is too old: 2.8 is needed", ""},
		{"a broken one", "local", map[string]string{"nix": "echo 'nix: no such library' >&2; exit 1\n"}, false, "nix: does not work: nix: no such library", ""},
		{"no settings", "local", map[string]string{"nix": "case $1 in --version) echo 'nix (Nix) 2.24.1' ;; *) echo 'error: no' >&2; exit 1 ;; esac\n"}, false, "nix: does not say its settings: error: no", ""},
		{"no builder", "local", map[string]string{"nix": strings.ReplaceAll(good, `"aarch64-linux"`, `"x86_64-linux"`)}, false, "", "nix at local (x86_64-linux) has no builder for aarch64-linux: only a binary cache"},
		{"no kvm", "local", map[string]string{"nix": strings.ReplaceAll(good, `,"kvm"`, "")}, false, "", "without the feature kvm"},
		{"no ssh", "ssh://big", map[string]string{"ssh": "echo 'ssh: connect to host big port 22: No route to host' >&2; exit 255\n"}, false, "ssh://big: cannot be reached: ssh: connect to host big port 22: No route to host", ""},
		{"no nix over there", "ssh://big", map[string]string{"nix": good, "ssh": ssh("exit 127\n")}, false, "nix: not found at ssh://big", ""},
		{"a store that lets nobody in", "ssh://big", map[string]string{
			"nix": "case \"$*\" in *'store info --store ssh-ng://big') echo \"error: 'info' is not a recognised command\" >&2; echo \"Try 'nix --help' for more information.\" >&2; exit 1 ;; *'store ping --store ssh-ng://big') echo \"error: cannot open connection to remote store 'ssh-ng://big'\" >&2; exit 1 ;; esac\n" + good, "ssh": ssh(good),
		}, false, "store ssh-ng://big: cannot be reached: error: cannot open", ""},
		{"a newer store that lets nobody in", "ssh://big", map[string]string{
			"nix": "case \"$*\" in *'store info --store ssh-ng://big') echo \"error: cannot open connection to remote store 'ssh-ng://big'\" >&2; exit 1 ;; *ping*) exit 0 ;; esac\n" + good, "ssh": ssh(good),
		}, false, "store ssh-ng://big: cannot be reached: error: cannot open", ""},
		{"ssh is well", "ssh://big", map[string]string{"nix": "exit 0\n", "ssh": ssh(good)}, false, "", "flake.lock: is not there yet"},
		{"no limactl", "lima:tools", nil, false, "limactl: not found", ""},
		{"no such instance", "lima:gone", map[string]string{"limactl": limaList, "nix": good}, false, "lima:gone: there is no such instance", ""},
		{"stopped", "lima:big", map[string]string{"limactl": limaList, "nix": good}, false, "lima:big: is stopped", ""},
		{"no nix in it", "lima:tools", map[string]string{"limactl": "[ \"$1\" = list ] || exit 127\n" + limaList, "nix": good}, false, "nix: not found at lima:tools", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			nixTools(t, c.tools)
			j := nixJob(t, "")
			j.Locked = c.locked
			var err error
			if j.Place, err = ParsePlace(c.place); err != nil {
				t.Fatal(err)
			}
			said := map[bool]string{}
			for _, f := range nixPreflight(context.Background(), j) {
				said[f.Fatal] += f.Cause + "\n"
				if f.Hint == "" && !strings.HasPrefix(f.Cause, "nix: does not say") {
					t.Errorf("no hint: %s", f.Cause)
				}
			}
			if !strings.Contains(said[true], c.fatal) || c.fatal == "" && said[true] != "" || !strings.Contains(said[false], c.warn) {
				t.Errorf("fatal: %s\nwarned: %s", said[true], said[false])
			}
		})
	}
}
