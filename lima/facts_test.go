package lima

import (
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersion(t *testing.T) {
	v, ok := ParseVersion(recorded(t, "recordings.txtar")["version.out"])
	if want := (Version{2, 2, 0}); !ok || v != want || v.String() != "2.2.0" {
		t.Errorf("%v %v", v, ok)
	}
	for text, want := range map[string]Version{"v2.1": {2, 1, 0}, "limactl version 1.0.7\n": {1, 0, 7}, "<unknown>": {}, "": {}} {
		if v, ok := ParseVersion(text); v != want || ok != (want != Version{}) {
			t.Errorf("%q: %v %v", text, v, ok)
		}
	}
	order := []Version{{}, {1, 9, 9}, {2, 0, 0}, {2, 0, 10}, {2, 1, 0}}
	if !slices.IsSortedFunc(order, func(a, b Version) int {
		if a.Before(b) {
			return -1
		}
		return 1
	}) || order[1].Before(order[1]) {
		t.Error("not in order")
	}
}

func TestKnownBad(t *testing.T) {
	for _, c := range []struct {
		lima, module Version
		nixos        bool
		want         string // in the reason; empty: good
	}{
		{Version{1, 2, 1}, Version{}, false, "needs Lima 2.0"}, {Version{1, 2, 1}, Version{}, true, "needs Lima 2.0"},
		{Version{2, 0, 0}, Version{}, false, ""}, {Version{2, 0, 3}, Version{0, 2, 1}, true, "names its mounts by number"},
		{Version{2, 1, 3}, Version{0, 0, 4}, false, ""}, // no NixOS, no pair
		{Version{2, 1, 0}, Version{0, 0, 4}, true, "the start hangs"}, {Version{2, 1, 0}, Version{0, 0, 5}, true, ""},
		{Version{2, 1, 3}, Version{0, 0, 5}, true, "guest agent of Lima 2.1.3"}, {Version{2, 1, 3}, Version{0, 1, 0}, true, ""},
		{Version{2, 2, 0}, Version{}, true, ""}, // the module is not known
	} {
		got := ""
		if b := KnownBad(c.lima, c.nixos, c.module); b != nil {
			got = b.Because
		}
		if !regexp.MustCompile(c.want).MatchString(got) || c.want == "" && got != "" {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestNames(t *testing.T) {
	id := regexp.MustCompile("^" + Identifier + "$")
	for _, name := range []string{"default", "ubuntu-24.04", "A_b.c"} {
		if !id.MatchString(name) {
			t.Errorf("%s is refused", name)
		}
	}
	for _, name := range []string{"", "-a", "a-", "a..b", "a b", "ä"} {
		if id.MatchString(name) {
			t.Errorf("%q is taken", name)
		}
	}
	for name, want := range map[string]bool{"a.yaml": true, "a.yml": true, "yaml": false, "a.yaml.b": false} {
		if TakenForFile(name) != want {
			t.Error(name)
		}
	}
	// Those of hostname_test.go.
	for name, want := range map[string]string{"default": "lima-default", "ubuntu-24.04": "lima-ubuntu-24-04", "foo_bar.baz": "lima-foo-bar-baz"} {
		if got := Hostname(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestGuestUser(t *testing.T) {
	for login, want := range map[string]string{"ada": "ada", "_x-1": "_x-1", "john.doe": "lima", "Ada": "lima", "admin": "lima", "": "lima"} {
		if got := GuestUser(login); got != want {
			t.Errorf("%q: %s", login, got)
		}
	}
	for version, want := range map[string]string{"": ".guest", "2.1.0": ".guest", "v2.2.0-153-g183a60d7.m\n": ".guest", "<unknown>": ".guest", "2.0.3": ".linux", "1.0.7": ".linux"} {
		if got := GuestHome("ada", version); got != "/home/ada"+want {
			t.Errorf("%q: %s", version, got)
		}
	}
}

func TestGuestVars(t *testing.T) {
	all := GuestVars{"ada", "1000", "/home/ada"}
	for text, want := range map[string]string{
		"{{.Home}}/x": "/home/ada/x", "/run/user/{{ .UID }}": "/run/user/1000", "{{.User}}{{.User}}": "adaada", "{{.Name}}": "{{.Name}}", "{{.Home": "{{.Home", "": "",
	} {
		if got := all.Expand(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := (GuestVars{UID: "501"}).Expand("{{.Home}} {{.UID}}"); got != "{{.Home}} 501" {
		t.Error(got)
	}
}

func TestMount(t *testing.T) {
	for _, c := range [][3]string{{"/Users/ada/src", "/Users/ada/src", "lima-4f3c09bf7fc41d88"}, {"/Users/ada/src", "/mnt/src", "lima-206517e197c3ad5f"}} {
		if got := MountTag(c[0], c[1]); got != c[2] {
			t.Errorf("%s: %s", c, got)
		}
	}
	for _, c := range []struct {
		kind     string
		writable bool
		own      NineP
		want     []string
	}{
		{"virtiofs", false, NineP{}, []string{"ro", "nofail"}},
		{"virtiofs", true, NineP{}, []string{"rw", "nofail"}},
		{"9p", true, NineP{"9p2000.u", "none", 512 << 10}, []string{"rw", "trans=virtio", "version=9p2000.u", "msize=524288", "cache=none", "nofail"}},
		{"9p", false, NineP{}, []string{"ro", "trans=virtio", "version=9p2000.L", "msize=131072", "cache=fscache", "nofail"}},
		{"9p", true, NineP{}, []string{"rw", "trans=virtio", "version=9p2000.L", "msize=131072", "cache=mmap", "nofail"}},
	} {
		if d := cmp.Diff(c.want, MountOptions(c.kind, c.writable, c.own)); d != "" {
			t.Errorf("%s: %s", c.kind, d)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"12": 12, "12B": 12, "12GiB": 12 << 30, "12G": 12 << 30, "12gb": 12 << 30, "1.5 GiB": 3 << 29, " 512MiB ": 512 << 20, "1k": 1 << 10, "2PiB": 2 << 50,
		"": -1, "GiB": -1, "-1": -1, "1XB": -1, "1Gi": -1, "9999999PiB": -1,
	} {
		got, ok := ParseSize(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d %v", text, got, ok)
		}
	}
	for text, want := range map[string]bool{"12": false, "1.5": false, " 12 ": false, "12B": true, "12 GiB": true} {
		if HasUnit(text) != want {
			t.Error(text)
		}
	}
}

func TestLimits(t *testing.T) {
	// As limactl itself says it.
	said := regexp.MustCompile("too long: `((.*)/vmloom-image-dev/.*)` must be less than UNIX_PATH_MAX=(.*) characters").
		FindStringSubmatch(recorded(t, "build.txtar")["name-too-long.err"])
	if said == nil {
		t.Fatal("nothing is recorded")
	}
	if got := LongestSocket(said[2], "vmloom-image-dev"); got != said[1] || said[3] != strconv.Itoa(PathMaxLinux) {
		t.Errorf("%s, not %s", got, said)
	}
	dirs := RefusedMountPoints()
	if dirs[0] = "x"; RefusedMountPoints()[0] != "/" {
		t.Error("the table itself is given away")
	}
}

func TestAutostartFiles(t *testing.T) {
	want := []string{"/a/io.lima-vm.autostart.box.plist", "/d/io.lima-vm.daemon.box.plist", "/u/default.target.wants/lima-vm@box.service"}
	if d := cmp.Diff(want, AutostartFiles("box", "/a", "/d", "/u")); d != "" {
		t.Error(d)
	}
}

func TestDefaultAt(t *testing.T) {
	for place, want := range map[string]string{"disk": "100GiB", "mounts[].writable": "false", "containerd.user": "true", "audio.device": ""} {
		if got, ok := DefaultAt(place); got != want || !ok {
			t.Errorf("%s: %q %v", place, got, ok)
		}
	}
	if got, ok := DefaultAt("timezone"); ok {
		t.Errorf("the host's timezone is %q", got)
	}
}
