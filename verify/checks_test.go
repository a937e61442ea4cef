package verify_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/verify"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func loadGolden(t *testing.T, path string) *profile.Profile {
	t.Helper()
	src, err := os.ReadFile(path)
	must(t, err)
	read := func(file string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(path), file)) }
	p, err := profile.Layers{Read: read}.Load(filepath.Base(path), src)
	must(t, err)
	return p
}

// TestChecks holds every table, of every golden profile, to its shape.
func TestChecks(t *testing.T) {
	for _, path := range tooltest.Goldens(t) {
		p := loadGolden(t, path)
		for name, table := range map[string][]verify.Check{"verify": verify.Checks(p), "doctor": verify.Machine(p)} {
			before := map[string]bool{}
			for _, c := range table {
				at := path + ": " + name + ": " + c.ID
				if before[c.ID] {
					t.Errorf("%s: twice", at)
				}
				for _, need := range c.Needs {
					if !before[need] {
						t.Errorf("%s: needs %s, which does not stand before it", at, need)
					}
				}
				before[c.ID] = true
				if c.Title == "" || c.Not == "" || c.Not == c.Title || c.Side == "" || c.Because.IsZero() || c.Cure.IsZero() {
					t.Errorf("%s: title, its negation, side, because or cure is missing: %+v", at, c)
				}
				for _, text := range []verify.Text{c.See, c.Because, c.Cure} {
					if strings.HasSuffix(text.Format(), ".") || strings.Contains(text.Format(), "vmloom ") {
						t.Errorf("%s: %q: ends in a full stop, or holds a command", at, text.Format())
					}
				}
				if c.Field != "" && p.At(c.Field) == p.At("") && c.Field != "version" && p.HasSection(strings.FieldsFunc(c.Field, func(r rune) bool { return r == '.' || r == '[' })[0]) {
					t.Errorf("%s: no place of the profile is %s", at, c.Field)
				}
			}
		}
	}
}

// mustHave are the rows of the Must-Have list of the requirements that
// examples/ascalon is made for, with the checks that hold them.
var mustHave = []struct {
	row    string
	checks []string
}{
	{"Lima instance named default running and accessible", []string{"instance/exists", "instance/ours", "instance/running", "instance/ready", "access/guest"}},
	{"access by the command lima", []string{"access/lima"}},
	{"access by ssh lima-default", []string{"access/ssh-config", "access/ssh"}},
	{"WezTerm domain ascalon connects", []string{"wezterm/installed", "wezterm/required", "wezterm/connects"}},
	{"WezTerm key bindings work", []string{"wezterm/keys"}},
	{"Docker socket of Colima, writable", []string{"socket/docker/host", "socket/docker/there", "socket/docker/answers", "socket/docker/env"}},
	{"lima docker ps succeeds", []string{"socket/docker/check"}},
	{"1Password socket", []string{"socket/onepassword-agent/host", "socket/onepassword-agent/there", "socket/onepassword-agent/answers", "socket/onepassword-agent/env", "socket/onepassword-agent/same"}},
	// op itself cannot use a forwarded socket: what 1Password serves there are its SSH keys.
	{"1Password works in the VM", []string{"socket/onepassword-agent/check"}},
	{"starts by launchd", []string{"autostart/installed", "autostart/loaded"}},
	{"the home persists across restarts", []string{"home/disk", "home/kept", "home/writable", "restart/stop", "restart/start", "restart/home"}},
	{"repository mounted, writable", []string{"mount/0/host", "mount/0/shared"}},
	{"usage guide complete", []string{"generated/fresh"}},
	// Of the lists below it, what is done by now.
	{"whoami, uname, pwd", []string{"user/name", "user/uid", "user/home", "guest/system", "guest/arch"}},
	{"host name ascalon", []string{"guest/hostname"}},
	{"port forwarding", []string{"port/8080"}},
	{"6 CPUs, disks", []string{"guest/cpus", "instance/template", "space/system", "space/home", "space/host"}},
	{"sockets come back after a restart", []string{"restart/socket/docker", "restart/socket/onepassword-agent"}},
}

func TestMustHave(t *testing.T) {
	var ids []string
	for _, c := range verify.Checks(loadGolden(t, "../examples/ascalon/vmloom.yaml")) {
		ids = append(ids, c.ID)
	}
	for _, m := range mustHave {
		for _, id := range m.checks {
			if !slices.Contains(ids, id) {
				t.Errorf("%s: there is no check %s", m.row, id)
			}
		}
	}
}

// names are the parts of an ID that a profile gives.
var names = regexp.MustCompile(`^(socket|restart/socket|disk|env|mount|port|card)/[^/]+`)

// TestHomeLabel: the check of the home's disk looks for the label that the files give it.
func TestHomeLabel(t *testing.T) {
	p := loadGolden(t, "../examples/ascalon/vmloom.yaml")
	files, err := generate.Files(p, nil)
	must(t, err)
	for _, f := range files {
		if f.Path == "lima/default.yaml" && !strings.Contains(string(f.Data), "label="+p.HomeLabel()+" ") {
			t.Error("the template labels the home's disk otherwise")
		}
	}
}
