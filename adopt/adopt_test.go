package adopt

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vmloom/profile"
)

func read(t *testing.T, in Input) *Adoption {
	t.Helper()
	if in.Host == (Host{}) {
		in.Host = Host{OS: "macos", Arch: "aarch64", User: "ada", Home: "/Users/ada", UID: 501}
	}
	if in.Lima.Name == "" {
		in.Lima.Name = "lima.yaml"
	}
	a, err := Read(in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ids(a *Adoption, file string) (out []string) {
	for _, f := range a.Findings {
		if f.File == file {
			out = append(out, f.ID)
		}
	}
	return out
}

func TestDiffMeansTheSame(t *testing.T) {
	host := Host{OS: "macos", User: "ada", Home: "/Users/ada"}
	for name, pair := range map[string][2]string{
		"sizes":    {"memory: 12GiB\ndisk: 1024MiB", "memory: 12288MiB\ndisk: 1GB"},
		"defaults": {"cpus: 4", "cpus: 4\nmemory: 4GiB\nos: Linux\nssh: {localPort: 0}\nplain: false\nenv: {}\nmounts: []\nvmType: null"},
		"mounts":   {"mounts: [{location: ~/a, writable: true}, {location: ~/b}]", "mounts: [{location: /Users/ada/b, mountPoint: /Users/ada/b, writable: false}, {location: '{{.Home}}/a', writable: true}]"},
		"ports":    {"portForwards: [{guestPort: 80, hostPort: 8080}, {guestPort: 5432}]", "portForwards: [{guestPort: 5432, hostIP: 127.0.0.1, hostPort: 5432}, {guestPort: 80, hostPort: 8080, proto: any, static: false}]"},
		"sockets":  {"user: {uid: 1000, name: x, home: /home/x}\nportForwards: [{guestSocket: '/run/user/{{.UID}}/x.sock', hostSocket: '{{.Home}}/x.sock', reverse: true}]", "user: {uid: 1000, name: x, home: '/home/{{.User}}'}\nportForwards: [{guestSocket: /run/user/1000/x.sock, hostSocket: /Users/ada/x.sock, reverse: true}]"},
		"disks":    {"additionalDisks: [data]", "additionalDisks: [{name: data, format: true, fsType: ext4}]"},
		"base":     {"base: template://_images/debian-13", "base: [template:_images/debian-13]"},
		"anchors":  {"a: &a {x: 1}\nparam: *a", "a: {x: 1}\nparam: {<<: {x: 1}}"},
		"script":   {"provision: [{script: 'true'}]", "provision: [{mode: system, script: 'true'}]"},
	} {
		for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
			if ds, err := Diff([]byte(p[0]), []byte(p[1]), host); err != nil || len(ds) > 0 {
				t.Errorf("%s: %v %+v", name, err, ds)
			}
		}
	}
}

func TestDiffSeesEachChange(t *testing.T) {
	const base = "cpus: 6\nmemory: 12GiB\nenv: {A: b}\nmounts: [{location: ~/a, writable: true}]\nportForwards: [{guestPort: 80}]\nprovision: [{mode: user, script: 'echo 1'}]\nnetworks: [{lima: user-v2}]\nbase: template:_images/debian-13\n"
	for _, edit := range [][3]string{
		{"cpus: 6", "cpus: 7", "cpus"}, {"12GiB", "12000MiB", "memory"}, {"A: b", "A: c", "env.A"}, {"A: b", "", "env.A"},
		{", writable: true", "", "mounts[/Users/ada/a].writable"}, {"~/a", "~/b", "mounts[/Users/ada/a]"},
		{"guestPort: 80", "guestPort: 80, hostPort: 81", "portForwards[any 127.0.0.1:80].hostPort"}, {"echo 1", "echo 2", "provision[user echo 1 (6 bytes)]"},
		{"mode: user, ", "", "provision[user echo 1 (6 bytes)]"}, {"user-v2", "shared", "networks[0].lima"}, {"debian-13", "debian-12", "base[template:_images/debian-13]"},
	} {
		changed := strings.Replace(base, edit[0], edit[1], 1)
		ds, err := Diff([]byte(base), []byte(changed), Host{Home: "/Users/ada"})
		if err != nil || changed == base || !slices.ContainsFunc(ds, func(d Difference) bool { return d.Path == edit[2] && (d.Why == "" || d.New != "") }) {
			t.Errorf("%q -> %q: %v %+v", edit[0], edit[1], err, ds)
		}
	}
}

func TestWezTermForms(t *testing.T) {
	for _, c := range []struct {
		lua  string
		want []string
		name string
	}{
		{`config.ssh_domains = { { name = 'box', remote_address = "127.0.0.1:60022" } } -- x`, []string{"wezterm-assigned", "hard-coded-port"}, "box"},
		{`--[[ ssh_domains = { { name = "no", remote_address = "127.0.0.1:1" } } ]]`, nil, ""},
		{`ssh_domains = { { name = [[box]], remote_address = 'lima-default', multiplexing = "None" } }`, []string{"wezterm-assigned", "wezterm-alias"}, "box"},
		{`table.insert(config.ssh_domains, { name = "x", remote_address = "example.org" })`, nil, ""},
		{`if ssh_domains == nil then end`, nil, ""},
		{`ssh_domains = wezterm.default_ssh_domains()`, []string{"wezterm-assigned"}, ""},
		{"ssh_domains = {{name='box', remote_address='127.0.0.1:22'}}\nkeys = {{key='T', mods='CMD|SHIFT', action=act.SpawnTab{DomainName='box'}}, {key='y', mods='CMD', action=act.SpawnTab{DomainName='other'}}}", []string{"wezterm-assigned", "hard-coded-port", "key-shadow"}, "box"},
		{`ssh_domains = {{{{{{{{`, []string{"wezterm-assigned"}, ""},
	} {
		a := read(t, Input{Lima: File{Data: []byte("cpus: 4\n")}, WezTerm: []File{{Name: "w.lua", Data: []byte(c.lua)}}})
		if got := ids(a, "w.lua"); !slices.Equal(got, c.want) || a.domain.name != c.name {
			t.Errorf("%s: %q, domain %q", c.lua, got, a.domain.name)
		}
	}
}

func TestSSHForms(t *testing.T) {
	for text, want := range map[string][]string{
		"Include ~/.lima/default/ssh.config\nHost x\n Port 22\n":                          nil,
		"Host x\n  Include ~/.lima/*/ssh.config\n":                                        {"include-late"},
		"Host=vm\nHostname=127.0.0.1\nPort=62068\n":                                       {"hard-coded-port"},
		"Host vm\nHostName example.org\nPort 62068\n":                                     nil,
		"# Host vm\n#Port 1\nIdentityAgent ~/Library/Group Containers/x/t/agent.sock\n":   {"unquoted-path"},
		"Host *\n\tIdentityAgent \"~/Library/Group Containers/" + onePasswordApp + "\"\n": {"1password-app-socket"},
	} {
		a := read(t, Input{Lima: File{Data: []byte("cpus: 4\n")}, SSH: []File{{Name: "config", Data: []byte(text)}}})
		if got := ids(a, "config"); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestPlistForms(t *testing.T) {
	const good = `<plist version="1.0"><dict><key>Label</key><string>x</string><key>ProgramArguments</key><array><string>/opt/homebrew/bin/limactl</string><string>start</string><string>--foreground</string><string>default</string></array>
<key>EnvironmentVariables</key><dict><key>PATH</key><string>/bin</string></dict><key>StandardOutPath</key><string>/l</string><key>StandardErrorPath</key><string>/l</string></dict></plist>`
	for _, c := range []struct {
		from, to string
		want     string
	}{
		{"--foreground", "-y", "no-foreground"}, {"/opt/homebrew/bin/limactl", "limactl", "plist-relative"}, {"/opt/homebrew/bin/limactl", "~/bin/limactl", "plist-tilde"},
		{"<dict><key>Label", "<dict><key>KeepAlive</key><true/><key>Label", "keep-alive"}, {"<key>PATH</key>", "<key>HOME</key>", "plist-path"},
		{"<string>x</string>", "<string>y</string>", "plist-label"}, {"StandardErrorPath", "Other", "plist-logs"}, {"</dict></plist>", "", "bad-plist"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		before := ids(read(t, Input{Lima: File{Data: []byte("cpus: 4\n")}, Plists: []File{{Name: "x.plist", Data: []byte(good)}}}), "x.plist")
		after := ids(read(t, Input{Lima: File{Data: []byte("cpus: 4\n")}, Plists: []File{{Name: "x.plist", Data: []byte(text)}}}), "x.plist")
		if slices.Contains(before, c.want) || !slices.Contains(after, c.want) {
			t.Errorf("%s -> %s: %q, before %q", c.from, c.to, after, before)
		}
	}
	for name, want := range map[string]string{"/Users/ada/Library/LaunchAgents/x.plist": "login", "/Library/LaunchDaemons/x.plist": "boot"} {
		if a := read(t, Input{Lima: File{Data: []byte("cpus: 4\n")}, Plists: []File{{Name: name, Data: []byte(good)}}}); a.start != want {
			t.Errorf("%s: %s", path.Dir(name), a.start)
		}
	}
}

// TestGuestOfTemplate: which system runs is known by the name of Lima's template, and
// said to be assumed where it is not.
func TestGuestOfTemplate(t *testing.T) {
	for base, want := range map[string]string{
		"template:docker": "ubuntu 26.04", "template://k3s": "ubuntu 26.04", "template:_images/ubuntu-lts": "ubuntu 26.04", "[template:debian-12]": "debian 12",
		"[template:_default/mounts, template:_images/debian]": "debian 13", "template:podman": "fedora 44", "template:opensuse": "", "template:mine": "", "./docker.yaml": "",
	} {
		a := read(t, Input{Lima: File{Data: []byte("base: " + base + "\n")}})
		got := a.draft.system + " " + a.draft.release
		if slices.ContainsFunc(a.Notes, func(note string) bool { return strings.Contains(note, "is assumed") }) {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %q %q", base, got, a.Notes)
		}
	}
}

func TestSecrets(t *testing.T) {
	for text, secret := range map[string]bool{
		"export OP_SERVICE_ACCOUNT_TOKEN=ops_eyJzaWduSW5BZGRyZXNzIjoib": true, "PASSWORD='hunter22'": true, "echo ada:hunter22 | sudo chpasswd": true,
		"token: ghp_0123456789abcdefghijABCDEFGHIJ012345": true, "-----BEGIN OPENSSH PRIVATE KEY-----": true, "AWS_SECRET_ACCESS_KEY=abc/def+ghi": true,
		"PASSWORD=$(cat /run/x)": false, "TOKEN=$TOKEN": false, "PASSWORD_FILE=/run/secrets/x": false, "lock_passwd: true": false, "apt-get install -y passwd": false,
	} {
		if got := profile.MaskSecrets(text) != text; got != secret {
			t.Errorf("%s: %v", text, profile.MaskSecrets(text))
		}
	}
}

// FuzzAdopt: no text makes it panic, speak Go, or give a profile that does not load.
func FuzzAdopt(f *testing.F) {
	files, err := os.ReadDir("../testdata/adopt")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range files {
		data, err := os.ReadFile("../testdata/adopt/" + e.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "ssh_domains = {{name='x', remote_address='127.0.0.1:1'}}", "Host x\nPort 1\n", "<plist><dict></dict></plist>")
	}
	f.Add("mounts: [{location: ~, mountPoint: \"\\x07\"}, 7, {}]\nenv: {A B: 1, HOME: x}\nuser: {name: root, uid: -1, home: ~}\nportForwards: [{guestPort: 99999}, {guestSocket: x, hostSocket: y, reverse: true}]\nimages: x\nprovision: {a: b}\n", "{{", "=", "<plist>")
	f.Fuzz(func(t *testing.T, lima, lua, ssh, plist string) {
		in := Input{Lima: File{"lima.yaml", []byte(lima)}, WezTerm: []File{{"w.lua", []byte(lua)}}, SSH: []File{{"config", []byte(ssh)}}, Plists: []File{{"x.plist", []byte(plist)}}, Host: Host{OS: "linux", Arch: "x86_64", User: "ada", Home: "/home/ada"}}
		a, err := Read(in)
		if err != nil {
			return
		}
		for _, found := range a.Findings {
			if !utf8.ValidString(found.Source+found.What) || strings.ContainsAny(found.Source+found.What, "\x1b\n\x00") || found.Line < 1 {
				t.Errorf("%+v", found)
			}
		}
		ds, err := Diff(in.Lima.Data, []byte("cpus: 4\n"), in.Host)
		if err != nil {
			t.Fatal(err)
		}
		a.Keep(ds)
		text, p, err := a.Profile("vmloom.yaml")
		if err != nil {
			if strings.Contains(err.Error(), "reflect") || strings.Contains(err.Error(), "%!") {
				t.Errorf("speaks Go: %v", err)
			}
			return
		}
		if _, err := profile.Load("vmloom.yaml", text); err != nil || p == nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}
