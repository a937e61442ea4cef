package adopt

import (
	"errors"
	"fmt"
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

// some is a template that says which guest it is, and nothing else.
const some = "base: template:_images/debian-13\n"

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
		{`ssh_domains = wezterm.default_ssh_domains()`, nil, ""}, {`ssh_domains = mine.domains()`, []string{"wezterm-assigned"}, ""},
		{`table.insert(config.ssh_domains, { name = "box", remote_address = "127.0.0.1:60022", username = "ada" })`, []string{"hard-coded-port"}, "box"},
		{`config.ssh_domains[#config.ssh_domains + 1] = { name = "box", remote_address = "lima-default:22" }`, []string{"wezterm-alias"}, "box"},
		{"local port = 62068\nlocal host = '127.0.0.1'\nssh_domains = {{ name = 'b' .. 'ox', remote_address = host .. ':' .. port }}", []string{"wezterm-assigned", "hard-coded-port"}, "box"},
		{`ssh_domains = {{ name = "box", remote_address = find("x") .. ":1" }}`, []string{"wezterm-assigned"}, ""},
		{`c.exec_domains = { wezterm.exec_domain("box", function(cmd) cmd.args = { "ssh", "-t", "lima-default" } return cmd end) }`, nil, "box"},
		{`c.exec_domains = { wezterm.exec_domain("box", function(cmd) cmd.args = { "ssh", "lima-other" } return cmd end) }`, nil, ""},
		// Another machine's: by its account, its key, its place beside what is certainly the VM's.
		{`ssh_domains = {{ name = "tunnel", remote_address = "127.0.0.1:2222", username = "me" }}`, []string{"wezterm-assigned"}, ""},
		{`ssh_domains = {{ name = "colima", remote_address = "127.0.0.1:2222", ssh_option = { identityfile = "/Users/ada/.colima/_lima/_config/user" } }}`, []string{"wezterm-assigned"}, ""},
		{`ssh_domains = {{ name = "tunnel", remote_address = "127.0.0.1:2222" }, { name = "box", remote_address = "lima-default" }}`, []string{"wezterm-assigned", "wezterm-alias"}, "box"},
		{`ssh_domains = {{ name = "a", remote_address = "127.0.0.1:2222" }, { name = "b", remote_address = "127.0.0.1:2223" }}`, []string{"wezterm-assigned"}, ""},
		{"ssh_domains = {{name='box', remote_address='127.0.0.1:22'}}\nkeys = {{key='T', mods='CMD|SHIFT', action=act.SpawnTab{DomainName='box'}}, {key='y', mods='CMD', action=act.SpawnTab{DomainName='other'}}}", []string{"wezterm-assigned", "hard-coded-port", "key-shadow"}, "box"},
		{`ssh_domains = {{{{{{{{`, []string{"wezterm-assigned"}, ""},
	} {
		a := read(t, Input{Lima: File{Data: []byte(some)}, WezTerm: []File{{Name: "w.lua", Data: []byte(c.lua)}}})
		if got := ids(a, "w.lua"); !slices.Equal(got, c.want) || a.domain.name != c.name {
			t.Errorf("%s: %q, domain %q", c.lua, got, a.domain.name)
		}
	}
}

func TestSSHForms(t *testing.T) {
	for text, want := range map[string][]string{
		"Include ~/.lima/default/ssh.config\nHost x\n Port 22\n":                                                             nil,
		"Host x\n  Include ~/.lima/*/ssh.config\n":                                                                           {"include-late"},
		"Host=vm\nHostname=127.0.0.1\nPort=62068\n":                                                                          {"hard-coded-port"},
		"Host vm\nHostName example.org\nPort 62068\n":                                                                        nil,
		"Host *\n  Include ~/.lima/default/ssh.config\n":                                                                     nil,
		"Host lima-* !lima-default\n  Include ~/.lima/default/ssh.config\n":                                                  {"include-late"},
		"Match host lima-default\n  Include ~/.lima/default/ssh.config\n":                                                    nil,
		"Match host other\n  Include ~/.lima/default/ssh.config\n":                                                           {"include-late"},
		"Host colima\n IdentityFile \"/Users/ada/.colima/_lima/_config/user\"\n User ada\n Hostname 127.0.0.1\n Port 1026\n": nil,
		"Host tunnel\n User root\n Hostname 127.0.0.1\n Port 1026\n":                                                         nil,
		"Host lima-default\n RemoteForward /run/x.sock /tmp/x.sock\n":                                                        nil,
		"# Host vm\n#Port 1\nIdentityAgent ~/Library/Group Containers/x/t/agent.sock\n":                                      {"unquoted-path"},
		"Host *\n\tIdentityAgent \"~/Library/Group Containers/" + onePasswordApp + "\"\n":                                    {"1password-app-socket"},
	} {
		a := read(t, Input{Lima: File{Data: []byte(some)}, SSH: []File{{Name: "config", Data: []byte(text)}}})
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
		before := ids(read(t, Input{Lima: File{Data: []byte(some)}, Plists: []File{{Name: "x.plist", Data: []byte(good)}}}), "x.plist")
		after := ids(read(t, Input{Lima: File{Data: []byte(some)}, Plists: []File{{Name: "x.plist", Data: []byte(text)}}}), "x.plist")
		if slices.Contains(before, c.want) || !slices.Contains(after, c.want) {
			t.Errorf("%s -> %s: %q, before %q", c.from, c.to, after, before)
		}
	}
	for name, want := range map[string]string{"/Users/ada/Library/LaunchAgents/x.plist": "login", "/Library/LaunchDaemons/x.plist": "boot"} {
		if a := read(t, Input{Lima: File{Data: []byte(some)}, Plists: []File{{Name: name, Data: []byte(good)}}}); a.start != want {
			t.Errorf("%s: %s", path.Dir(name), a.start)
		}
	}
}

// TestGuestOfTemplate: which system runs is known by the name of Lima's template, of
// which these are all, and refused where it is not one of a profile.
func TestGuestOfTemplate(t *testing.T) {
	for want, bases := range map[string]string{
		"ubuntu 26.04": "template:docker template://k3s template:_images/ubuntu-lts template:default template:apptainer template:apptainer-rootful template:buildkit template:docker-rootful " +
			"template:faasd template:homebrew-linux template:k0s template:k8s template:linuxbrew template:ubuntu template:ubuntu-lts template:ubuntu-26.04 template:experimental/alsa " +
			"template:experimental/rke2 template:experimental/u7s template:experimental/vnc template:docker.yaml",
		"ubuntu 20.04": "template:ubuntu-20.04", "ubuntu 22.04": "template:ubuntu-22.04", "ubuntu 24.04": "template:ubuntu-24.04", "ubuntu 24.10": "template:ubuntu-24.10",
		"ubuntu 25.04": "template:ubuntu-25.04", "ubuntu 25.10": "template:ubuntu-25.10",
		"debian 11": "template:debian-11", "debian 12": "[template:debian-12]", "debian 13": "[template:_default/mounts,template:_images/debian] template:debian template:debian-13",
		"fedora 41": "template:fedora-41", "fedora 42": "template:fedora-42", "fedora 43": "template:fedora-43", "fedora 44": "template:fedora template:fedora-44 template:podman template:podman-rootful",
		"the guest is almalinux":     "template:almalinux template:almalinux-8 template:almalinux-9 template:almalinux-10",
		"the guest is alpine":        "template:alpine template:alpine-3.21 template:alpine-3.22 template:alpine-3.23",
		"the guest is centos-stream": "template:centos-stream template:centos-stream-9 template:centos-stream-10",
		"the guest is opensuse-leap": "template:opensuse template:opensuse-leap template:opensuse-leap-15 template:opensuse-leap-16",
		"the guest is oraclelinux":   "template:oraclelinux template:oraclelinux-8 template:oraclelinux-9 template:oraclelinux-10",
		"the guest is rocky":         "template:rocky template:rocky-8 template:rocky-9 template:rocky-10",
		"the guest is FreeBSD":       "template:freebsd template:freebsd-15 template:experimental/freebsd-16 template:experimental/freebsd-current template:_images/freebsd-15",
		"the guest is Darwin":        "template:macos template:macos-15 template:macos-26 template:homebrew-macos",
		"the guest is Windows":       "template:windows template:windows-11 template:windows-2025",
		"not known by its image": "template:alpine-iso template:archlinux template:experimental/almalinux-kitten template:experimental/almalinux-kitten-10 template:experimental/debian-sid " +
			"template:experimental/fedora-rawhide template:experimental/gentoo template:experimental/opensuse-tumbleweed template:experimental/ubuntu-26.10 template:experimental/ubuntu-next template:experimental/wsl2 template:_default/mounts",
		"what it brings is not known here": "template:mine https://example.org/docker.yaml github:lima-vm/lima",
		"no such file":                     "./docker.yaml /srv/x.yaml ~/x.yaml",
		"must not contain ..":              "../docker.yaml",
	} {
		for _, base := range strings.Fields(bases) {
			a, err := Read(Input{Lima: File{Name: "lima.yaml", Data: []byte("base: " + base + "\n")}, Host: Host{OS: "linux", Arch: "x86_64", User: "ada", Home: "/home/ada"}})
			got := fmt.Sprint(err)
			if err == nil {
				got = a.made.Guest.System + " " + a.made.Guest.Release
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s, want %s", base, got, want)
			}
		}
	}
}

// TestBases: files that a template builds on are read as limactl does, and what Lima's
// own bring is known.
func TestBases(t *testing.T) {
	files := map[string]string{
		"dir/a.yaml": "base: [b.yaml, template:k8s]\ncpus: 8\nenv: {A: a}\n", "dir/b.yaml": "cpus: 2\nmemory: 16GiB\nenv: {A: b, B: b}\nprovision: [{file: s.sh}]\n", "dir/s.sh": "echo base\n",
		"loop.yaml": "base: loop.yaml\n", "bad.yaml": "cpus: [\n", "data": "content of it",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for lima, want := range map[string]string{
		"base: dir/a.yaml\nmemory: 4GiB\n": "cpus 8 memory 4GiB env a b containerd true false script echo base\n",
		"base: {url: dir/a.yaml}\ncontainerd: {system: null}\nprovision: [{mode: data, path: /x, file: {url: ./data}}]\n": "cpus 8 memory 16GiB env a b containerd  false script echo base\n content of it",
		"base: loop.yaml\n": "lima.yaml:1: base loop.yaml: builds on itself", "base: bad.yaml\n": "bad.yaml:2:1: YAML",
		"base: template:debian\nprobes: [{file: gone.sh}]\n": "lima.yaml:2: file gone.sh: no such file",
	} {
		e := &embedder{read: read, seen: map[string]bool{"lima.yaml": true, "loop.yaml": strings.Contains(lima, "loop")}}
		root, err := parse([]byte(lima))
		if err == nil {
			root, err = e.embed("lima.yaml", root)
		}
		got := fmt.Sprint(err)
		if err == nil {
			root = withStock(root)
			got = "cpus " + scalar(root, "cpus") + " memory " + scalar(root, "memory") + " env " + scalar(root, "env", "A") + " " + scalar(root, "env", "B") +
				" containerd " + scalar(root, "containerd", "system") + " " + scalar(root, "containerd", "user") + " script"
			for _, p := range items(child(root, "provision")) {
				got += " " + scalar(p, "script") + scalar(p, "content")
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", lima, got, want)
		}
	}
}

// TestNoInstance: what is no template is told from one, and its owner is told what to do.
func TestNoInstance(t *testing.T) {
	for name, c := range map[string][3]string{
		"colima":     {"colima.yaml", "cpu: 4\ndisk: 60\nmemory: 8\nruntime: docker\nvmType: vz\nkubernetes: {enabled: false}\n", "resources: {cpus: 4, memory: 8GiB, disk: 60GiB}"},
		"networks":   {"networks.yaml", "paths: {socketVMNet: /opt/socket_vmnet}\ngroup: everyone\nnetworks: {shared: {mode: shared}}\n", "lima.extra.networks"},
		"default":    {"/home/ada/.lima/_config/default.yaml", "cpus: 4\n", "~/.lima/NAME"},
		"fragment":   {"mounts.yaml", "mounts: [{location: ~/src}]\n", "--guest SYSTEM:RELEASE"},
		"bsd below":  {"lima.yaml", "base: ./bsd.yaml\n", "Lima's own template"},
		"windows":    {"lima.yaml", "os: Windows\nimages: [{location: ~/win.iso}]\n", "Lima's own template"},
		"built":      {"lima.yaml", "images: [{location: ../../../images/x-aarch64.qcow2, arch: aarch64}]\nprovision: [{mode: boot, script: '" + bootSign + "'}]\n", "--guest SYSTEM:RELEASE"},
		"nixos":      {"lima.yaml", "images: [{location: 'https://example.org/nixos.qcow2'}]\n", "--guest nixos "},
		"old":        {"lima.yaml", "images: [{location: 'https://cloud-images.ubuntu.com/releases/23.10/release/ubuntu-23.10-server-cloudimg-arm64.img'}]\n", "--guest ubuntu:RELEASE"},
		"many":       {"lima.yaml --guest=ubuntu", some, "ubuntu:26.04"},
		"of no kind": {"lima.yaml --guest=alpine", some, "debian"},
		"other's":    {"lima.yaml", "images: [{location: 'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud.latest.x86_64.qcow2'}]\n", "Lima's own template"},
	} {
		file, guest, _ := strings.Cut(c[0], " --guest=")
		read := func(string) ([]byte, error) { return []byte("os: FreeBSD\nimages: [{location: ~/bsd.img}]\n"), nil }
		_, err := Read(Input{Lima: File{Name: file, Data: []byte(c[1])}, Guest: guest, Read: read, Host: Host{OS: "linux", Arch: "x86_64", User: "ada"}})
		var no *Refusal
		if !errors.As(err, &no) || !strings.Contains(no.Cure, c[2]) {
			t.Errorf("%s: %v %+v", name, err, no)
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
		in := Input{Lima: File{"lima.yaml", []byte(lima)}, WezTerm: []File{{"w.lua", []byte(lua)}}, SSH: []File{{"config", []byte(ssh)}}, Plists: []File{{"x.plist", []byte(plist)}}, Host: Host{OS: "linux", Arch: "x86_64", User: "ada", Home: "/home/ada"}, Guest: "debian:13",
			Read: func(string) ([]byte, error) { return []byte(lima), nil }}
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

// TestChosen: Lima's own list of images is told from one that its owner chose.
func TestChosen(t *testing.T) {
	const of = "https://cloud-images.ubuntu.com/releases/resolute/release"
	for images, want := range map[string]bool{
		"{location: " + of + "-20260720/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64, digest: 'sha256:1', variant: server}, {location: " + of +
			"-20260720/ubuntu-26.04-server-cloudimg-amd64v3.img, arch: x86_64, digest: 'sha256:2', variant: server, archVariant: v3}, {location: " + of + "/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64}": false,
		"{location: " + of + "-20260720/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64, digest: 'sha256:1'}":       true,
		"{location: " + of + "/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64, kernel: {location: ~/vmlinuz}}":     true,
		"{location: " + of + "/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64}":                                    false,
		"{location: https://example.org/x.img, arch: x86_64}":                                                            true,
		"{location: ~/x.img, arch: x86_64}, {location: " + of + "/ubuntu-26.04-server-cloudimg-amd64.img, arch: x86_64}": true,
	} {
		root, err := parse([]byte("images: [" + images + "]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := chosen((&reader{}).top(root)); got != want {
			t.Errorf("%s: %v", images, got)
		}
	}
}

// TestHostArch: the profile names the host's processor where it is not the usual one, and vz tells it whoever asks.
func TestHostArch(t *testing.T) {
	intel := Host{OS: "macos", Arch: "x86_64", User: "ada"}
	for _, c := range []struct {
		host     Host
		template string
		want     string
	}{
		{Host{}, some, ""}, {intel, some, "x86_64"}, {intel, some + "vmType: vz\narch: x86_64\n", "x86_64"}, {Host{}, some + "vmType: vz\narch: x86_64\n", "x86_64"},
		{Host{}, some + "vmType: qemu\narch: x86_64\n", ""}, {Host{OS: "linux", Arch: "aarch64", User: "ada"}, some, "aarch64"},
	} {
		p := read(t, Input{Lima: File{Data: []byte(c.template)}, Host: c.host}).made
		if p.Host.Arch != c.want {
			t.Errorf("%+v %q: host.arch is %q, want %q", c.host, c.template, p.Host.Arch, c.want)
		}
	}
}
