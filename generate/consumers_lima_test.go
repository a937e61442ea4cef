package generate_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v4"

	"vmloom/internal/tooltest"
	"vmloom/lima"
)

// limaDoc is what of a Lima template the rules below look at.
type limaDoc struct {
	VMType    string `yaml:"vmType"`
	MountType string `yaml:"mountType"`
	Memory    any    `yaml:"memory"`
	Disk      any    `yaml:"disk"`
	User      struct {
		Name  string `yaml:"name"`
		UID   *int   `yaml:"uid"`
		Home  string `yaml:"home"`
		Shell string `yaml:"shell"`
	} `yaml:"user"`
	Containerd struct {
		System *bool `yaml:"system"`
		User   *bool `yaml:"user"`
	} `yaml:"containerd"`
	Mounts []struct {
		Location   string `yaml:"location"`
		MountPoint string `yaml:"mountPoint"`
		Writable   bool   `yaml:"writable"`
	} `yaml:"mounts"`
	PortForwards []struct {
		GuestSocket string `yaml:"guestSocket"`
		HostSocket  string `yaml:"hostSocket"`
		Reverse     bool   `yaml:"reverse"`
		GuestPort   int    `yaml:"guestPort"`
		HostPort    int    `yaml:"hostPort"`
	} `yaml:"portForwards"`
	AdditionalDisks []struct {
		Name   string `yaml:"name"`
		Format *bool  `yaml:"format"`
	} `yaml:"additionalDisks"`
	Env       map[string]string `yaml:"env"`
	Param     map[string]string `yaml:"param"`
	Provision []struct {
		Mode   string `yaml:"mode"`
		Script string `yaml:"script"`
	} `yaml:"provision"`
	Probes []struct {
		Description string `yaml:"description"`
		Script      string `yaml:"script"`
		Hint        string `yaml:"hint"`
	} `yaml:"probes"`
	Message string `yaml:"message"`
}

func parseLima(data string) (limaDoc, error) {
	var doc limaDoc
	err := yaml.Load([]byte(data), &doc)
	return doc, err
}

// guestTemplate executes text as Lima does for what goes into the guest
// (executeGuestTemplate of Lima's defaults.go).
func (d limaDoc) guestTemplate(instance, text string) (string, error) {
	uid := 0
	if d.User.UID != nil {
		uid = *d.User.UID
	}
	return limaTemplate(text, map[string]any{
		"Name": instance, "Hostname": lima.Hostname(instance),
		"UID": uid, "User": d.User.Name, "Home": d.User.Home, "Param": d.Param,
	})
}

// limaHome stands for the host's home directory where Lima's host templates are executed.
const limaHome = "/HOST-HOME"

// hostTemplate executes text as Lima does for paths of the host.
func (d limaDoc) hostTemplate(instance, text string) (string, error) {
	return limaTemplate(text, map[string]any{
		"Dir": limaHome + "/.lima/" + instance, "Name": instance, "UID": "501", "User": "host-user", "Home": limaHome,
		"Param": d.Param, "GlobalTempDir": "/tmp", "TempDir": "/var/tmp", "Instance": instance, "LimaHome": limaHome + "/.lima",
	})
}

func limaTemplate(text string, data map[string]any) (string, error) {
	tmpl, err := template.New("").Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, data); err != nil {
		return "", err
	}
	if strings.Contains(out.String(), "<no value>") {
		return "", errors.New("has <no value>")
	}
	return out.String(), nil
}

// limaScripts are the scripts of a template as Lima sends them to the guest.
func limaScripts(instance, data string) (map[string]string, error) {
	doc, err := parseLima(data)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i, p := range doc.Provision {
		at := fmt.Sprintf("provision[%d] %s", i, p.Mode)
		if out[at], err = doc.guestTemplate(instance, p.Script); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	for i, p := range doc.Probes {
		at := fmt.Sprintf("probes[%d] %s", i, p.Description)
		if out[at], err = doc.guestTemplate(instance, p.Script); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	return out, nil
}

func instanceOf(a artefact) string {
	return strings.TrimSuffix(strings.TrimPrefix(a.path, "lima/"), ".yaml")
}

func consumeLima(t *testing.T, a artefact) {
	t.Run("keys", func(t *testing.T) {
		for _, problem := range limaKeys(a.data) {
			t.Error(problem)
		}
	})
	t.Run("rules", func(t *testing.T) {
		for _, problem := range limaRules(instanceOf(a), a.data) {
			t.Error(problem)
		}
	})
	t.Run("limactl", func(t *testing.T) { limactlValidate(t, a.data) })
}

// limaKeys are the problems that Lima's own table of keys finds: each key is known,
// and its value of a type and among the values that it may have.
func limaKeys(text string) (problems []string) {
	var doc yaml.Node
	if err := yaml.Load([]byte(text), &doc); err != nil {
		return []string{err.Error()}
	}
	for _, p := range lima.Check(doc.Content[0]) {
		problems = append(problems, fmt.Sprintf("%d:%d: %s: %s (%s)", p.Node.Line, p.Node.Column, p.Place, p.Fault, strings.Join(p.Want, ", ")))
	}
	return problems
}

var (
	withUnit = regexp.MustCompile(`^[0-9]+[KMGT]iB$`)
	ownShell = regexp.MustCompile(`(?ms)^\w+\(\) \(.*?^\)$`)
	bareExit = regexp.MustCompile(`(?m)(^|[;&|({]|\bthen|\belse|\bdo)\s*(exit|exec|set\s+-e\w*)\b`)
)

// limaRules are Lima's rules and traps that its table of keys does not hold; each
// returned string is one that is broken.
func limaRules(instance, text string) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	doc, err := parseLima(text)
	if err != nil {
		return []string{err.Error()}
	}
	for field, size := range map[string]any{"memory": doc.Memory, "disk": doc.Disk} {
		if size == nil && strings.Contains(text, "of the host's "+field) { // a share, which the scripts fill in
			continue
		}
		if s, ok := size.(string); !ok || !withUnit.MatchString(s) {
			bad("%s: %v has no unit: Lima would take it for bytes", field, size)
		}
	}
	u := doc.User
	if u.Name == "" || !strings.HasPrefix(u.Home, "/") || !strings.HasPrefix(u.Shell, "/") {
		bad("user: name, home and shell must be explicit: %+v", u)
	}
	if u.UID == nil && !strings.Contains(text, "# No uid: Lima takes that of your account") {
		bad("user: uid must be explicit: %+v", u)
	}
	if c := doc.Containerd; c.System == nil || *c.System || c.User == nil || *c.User && !strings.Contains(text, "# Lima brings it, ") {
		bad("containerd: must be off where the profile does not want it")
	}
	switch {
	case len(doc.Mounts) == 0:
	case doc.VMType == "vz" && doc.MountType == "9p", doc.VMType == "qemu" && doc.MountType == "virtiofs", doc.MountType == "":
		bad("mountType %q does not go with vmType %q", doc.MountType, doc.VMType)
	}
	for name, value := range doc.Env {
		// Lima writes NAME=value lines to /etc/environment, as they stand; pam_env and
		// Lima's own boot.sh end a value at #, take quotes away, and trim.
		if strings.ContainsAny(value, "#\"'\\\n") || strings.TrimSpace(value) != value {
			bad("env.%s: %q is not read back from /etc/environment", name, value)
		}
	}
	problems = append(problems, doc.pathRules(instance)...)
	problems = append(problems, doc.scriptRules(instance)...)
	for key := range doc.Param {
		if !strings.Contains(text, ".Param."+key) && !strings.Contains(text, "PARAM_"+key) {
			bad("param %s is not used: Lima refuses that", key)
		}
	}
	return problems
}

func (d limaDoc) pathRules(instance string) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for i, m := range d.Mounts {
		location, err := d.hostTemplate(instance, m.Location)
		if err != nil {
			bad("mounts[%d].location: %v", i, err)
		}
		if !strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "~/") {
			bad("mounts[%d].location %s is not absolute", i, location)
		}
		if m.MountPoint == "" {
			continue
		}
		point, err := d.guestTemplate(instance, m.MountPoint)
		if err != nil {
			bad("mounts[%d].mountPoint: %v", i, err)
		}
		if !strings.HasPrefix(point, "/") || strings.Contains(point, "~") {
			bad("mounts[%d].mountPoint %s: not absolute, or a ~, which Lima refuses", i, point)
		}
		if point == d.User.Home || strings.HasPrefix(point, d.User.Home+"/") {
			bad("mounts[%d].mountPoint %s is inside the home", i, point)
		}
	}
	for i, f := range d.PortForwards {
		if f.GuestSocket == "" && f.HostSocket == "" {
			if f.Reverse {
				bad("portForwards[%d]: reverse needs both sockets", i)
			}
			continue
		}
		guest, err := d.guestTemplate(instance, f.GuestSocket)
		if err != nil || !strings.HasPrefix(guest, "/") {
			bad("portForwards[%d].guestSocket %s is not absolute (%v)", i, guest, err)
		}
		host, err := d.hostTemplate(instance, f.HostSocket)
		if err != nil || !strings.HasPrefix(host, "/") {
			bad("portForwards[%d].hostSocket %s is not absolute: Lima expands no ~ here (%v)", i, host, err)
		}
		if !f.Reverse && strings.HasPrefix(guest, "/run/host-services/") || f.GuestPort != 0 || f.HostPort != 0 {
			bad("portForwards[%d]: a socket of the host is forwarded with reverse, one of the guest without, both without ports", i)
		}
	}
	for i, disk := range d.AdditionalDisks {
		if disk.Format == nil || *disk.Format {
			bad("additionalDisks[%d]: Lima would format it", i)
		}
	}
	return problems
}

func (d limaDoc) scriptRules(instance string) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	modes := []string{"boot", "dependency", "system", "user"}
	for i, p := range d.Provision {
		script, err := d.guestTemplate(instance, p.Script)
		if err != nil {
			bad("provision[%d].script: %v", i, err)
		}
		if script == "" || !slices.Contains(modes, p.Mode) {
			bad("provision[%d]: mode %s, %d bytes", i, p.Mode, len(script))
		}
		// All boot scripts are one shell: an exit or set -e ends those that follow, but for
		// one in a function whose body is a shell of its own.
		if m := bareExit.FindString(ownShell.ReplaceAllString(script, "")); p.Mode == "boot" && m != "" {
			bad("provision[%d]: a boot script must not hold %q", i, m)
		}
		if p.Mode != "boot" && !strings.HasPrefix(script, "#!") {
			bad("provision[%d]: does not start with #!", i)
		}
	}
	for i, p := range d.Probes {
		script, err := d.guestTemplate(instance, p.Script)
		if err != nil || !strings.HasPrefix(script, "#!") {
			bad("probes[%d].script: must be a template and start with #! (%v)", i, err)
		}
		if p.Description == "" || p.Hint == "" {
			bad("probes[%d]: needs description and hint", i)
		}
	}
	return problems
}

// TestLimaRules shows that each rule finds what it is there for.
func TestLimaRules(t *testing.T) {
	const good = `memory: 4GiB
disk: 50GiB
vmType: vz
user: {name: dev, uid: 1000, home: /home/dev, shell: /bin/sh}
containerd: {system: false, user: false}
mountType: virtiofs
mounts: [{location: ~/src, mountPoint: /mnt/src}]
portForwards: [{guestSocket: /run/x/y.sock, hostSocket: "{{.Home}}/y.sock", reverse: true}]
provision: [{mode: boot, script: "true # no exit here\nf() { return 1; }\ng() (\n  exit 1\n)\n"}]
probes: [{description: x, hint: y, script: "#!/bin/sh\nexit 0\n"}]
`
	if got := limaRules("x", good); got != nil {
		t.Errorf("good one: %q", got)
	}
	for _, edit := range [][2]string{
		{"memory: 4GiB", "memory: 4"},
		{"disk: 50GiB", `disk: "50"`},
		{"uid: 1000, ", ""},
		{"system: false, ", ""},
		{"user: false", "user: true"},
		{"mountType: virtiofs", "mountType: 9p"},
		{"location: ~/src", "location: src"},
		{"mountPoint: /mnt/src", "mountPoint: ~/src"},
		{"mountPoint: /mnt/src", "mountPoint: /home/dev/src"},
		{"mountPoint: /mnt/src", `mountPoint: "{{.Hom}}"`},
		{`"{{.Home}}/y.sock"`, "~/y.sock"},
		{`"{{.Home}}/y.sock"`, `"{{.Nope}}/y.sock"`},
		{", reverse: true", ", guestPort: 80"},
		{"guestSocket: /run/x/y.sock, ", ""},
		{"true # no exit here", "exit 1"},
		{"true # no exit here", "set -eu"},
		{"true # no exit here", "[ -e /x ] && exit"},
		{"  exit 1\\n)", ")\\nexit 1"},
		{"true # no exit here", "docker ps --format {{.Names}}"},
		{"true # no exit here", "docker ps --format {{json .}}"},
		{`"#!/bin/sh\nexit 0`, `"exit 0`},
		{"hint: y, ", ""},
		{"memory: 4GiB", "memory: 4GiB\nparam: {a: b}"},
		{"memory: 4GiB", "memory: 4GiB\nenv: {A: \"b # c\"}"},
		{"memory: 4GiB", "memory: 4GiB\nenv: {A: it's}"},
		{"memory: 4GiB", "memory: 4GiB\nenv: {A: \" b\"}"},
		{"memory: 4GiB", "memory: 4GiB\nadditionalDisks: [{name: x, format: true}]"},
	} {
		text := strings.Replace(good, edit[0], edit[1], 1)
		if text == good || limaRules("x", text) == nil {
			t.Errorf("accepted: %s -> %s", edit[0], edit[1])
		}
	}
}

// limactlValidate asks the real limactl that VMLOOM_LIMACTL names.
func limactlValidate(t *testing.T, text string) {
	out, err := limactlOn(t, []byte(text), "validate")
	if err != nil || !strings.Contains(out, "OK") || strings.Contains(out, "level=warning") || strings.Contains(out, "level=error") {
		t.Errorf("limactl validate: %v\n%s", err, out)
	}
}

// limactlFill is a template as limactl fills it.
func limactlFill(t *testing.T, text []byte) ([]byte, error) {
	out, err := limactlOn(t, text, "template", "copy", "--fill")
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	_, filled, _ := strings.Cut("\n"+out, "\nos: ") // after its log
	return []byte("os: " + filled), nil
}

// limactlOn runs the real limactl on a template. It refuses root, so root hands it to the
// user of VMLOOM_LIMACTL_USER (default: dev).
func limactlOn(t *testing.T, text []byte, words ...string) (string, error) {
	limactl := os.Getenv("VMLOOM_LIMACTL")
	if limactl == "" {
		t.Skip("SKIPPED: VMLOOM_LIMACTL names no limactl")
	}
	dir, err := os.MkdirTemp("", "vmloom-limactl-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "instance.yaml")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(file, text, 0o644)); err != nil {
		t.Fatal(err)
	}
	args := append([]string{limactl, "--tty=false"}, append(words, file)...)
	if words[0] == "template" {
		args = append(args, "-")
	}
	if os.Getuid() == 0 {
		u, err := limactlUser()
		if err != nil {
			t.Fatal(err)
		}
		setpriv := tooltest.Need(t, "setpriv")
		args = append([]string{setpriv, "--reuid=" + u.Username, "--regid=" + u.Username, "--init-groups", "env", "HOME=" + u.HomeDir}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// limactlUser is who runs the real limactl, which refuses root.
func limactlUser() (*user.User, error) {
	if os.Getuid() != 0 {
		return user.Current()
	}
	return user.Lookup(cmp.Or(os.Getenv("VMLOOM_LIMACTL_USER"), "dev"))
}
