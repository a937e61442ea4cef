package profile

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layered loads vmloom.yaml of a directory that is given as texts by their path from it.
func layered(files map[string]string) (*Profile, error) {
	read := func(file string) ([]byte, error) {
		text, ok := files[file]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	return Layers{Read: read, Local: true}.Load("vmloom.yaml", []byte(files["vmloom.yaml"]))
}

const shared = `version: 1
name: dev
host: {os: linux}
guest:
  system: ubuntu
  release: "26.04"
  user: {name: u, uid: 1000}
  packages: [git, ripgrep, {nix: fd, apt: fd-find}]
  env: {EDITOR: vim, PAGER: less}
resources: {cpus: 2, memory: 4GiB}
mounts: [{host: /src}, {host: /data, guest: /mnt/data}]
sockets: [{name: docker, from: docker}, {name: agent, from: ssh-agent}]
ports: [{guest: 80, host: 8080}]
`

// TestLayers: what comes out of several files.
func TestLayers(t *testing.T) {
	for _, c := range []struct {
		name, base, local string
		want              string // what is asked of the profile, by show
	}{
		{"alone", "", "", "2 1000 [git ripgrep fd/fd-find] map[EDITOR:vim PAGER:less] [/src= /data=/mnt/data] [docker agent] [80:8080]"},
		{"nothing but comments", "", "# mine\n", "2 1000 [git ripgrep fd/fd-find] map[EDITOR:vim PAGER:less] [/src= /data=/mnt/data] [docker agent] [80:8080]"},
		{"mappings by key", "", "resources: {cpus: 8}\nguest: {user: {uid: 1234}, env: {EDITOR: emacs, TZ: UTC}}\n", "8 1234 [git ripgrep fd/fd-find] map[EDITOR:emacs PAGER:less TZ:UTC] [/src= /data=/mnt/data] [docker agent] [80:8080]"},
		{"lists by name", "", "guest: {packages: [htop, git]}\nmounts: [{host: /src, writable: true}, {guest: /mnt/data, host: /other}, {host: /more}]\nports: [{guest: 80, host: 9090}, {guest: 22022}]\n",
			"2 1000 [git ripgrep fd/fd-find htop] map[EDITOR:vim PAGER:less] [/src=w /other=/mnt/data /more=] [docker agent] [80:9090 22022:22022]"},
		{"null removes", "", "guest: {packages: [ripgrep: null, fd-find: null], env: {PAGER: null}, user: {uid: null}}\nsockets: [docker: null]\nports: null\nmounts: [/mnt/data: null]\nautostart: null\n",
			"2 1000 [git] map[EDITOR:vim] [/src=] [agent] []"},
		{"out and in again", "", "sockets: [docker: null, {name: docker, host: /run/other.sock}]\n", "2 1000 [git ripgrep fd/fd-find] map[EDITOR:vim PAGER:less] [/src= /data=/mnt/data] [agent docker] [80:8080]"},
		{"below the profile", "resources: {cpus: 16, disk: 9GiB}\nguest: {packages: [tmux], env: {LESS: R}}\n", "", "2 1000 [tmux git ripgrep fd/fd-find] map[EDITOR:vim LESS:R PAGER:less] [/src= /data=/mnt/data] [docker agent] [80:8080]"},
		{"an alias in two places", "", "guest: {env: &e {A: x}}\nlima: {extra: {x: *e, y: *e}}\n", "2 1000 [git ripgrep fd/fd-find] map[A:x EDITOR:vim PAGER:less] [/src= /data=/mnt/data] [docker agent] [80:8080]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"vmloom.yaml": shared}
			if c.local != "" {
				files["vmloom.local.yaml"] = c.local
			}
			if c.base != "" {
				files["vmloom.yaml"] += "extends: [../base.yaml]\n"
				files["../base.yaml"] = c.base
			}
			p, err := layered(files)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, show(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if p.HasLocal() != (c.local != "") {
				t.Error("HasLocal is", p.HasLocal())
			}
		})
	}
}

func show(p *Profile) string {
	var packages, mounts, sockets, ports []string
	for _, k := range p.Guest.Packages {
		packages = append(packages, k.Name+strings.TrimPrefix(map[bool]string{true: "", false: k.Nix + "/" + k.Apt}[k.Name != ""], "/"))
	}
	for _, m := range p.Mounts {
		mounts = append(mounts, m.Host+"="+m.Guest+map[bool]string{true: "w"}[m.Writable])
	}
	for _, s := range p.Sockets {
		sockets = append(sockets, s.Name)
	}
	for _, q := range p.Ports {
		ports = append(ports, fmt.Sprint(q.Guest, ":", q.Host))
	}
	return fmt.Sprint(p.Resources.CPUs.Count, " ", p.Guest.User.UID, " ", packages, " ", p.Guest.Env, " ", mounts, " ", sockets, " ", ports)
}

// TestExtendsOrder: each file once, where it is named first, and over all that it extends.
func TestExtendsOrder(t *testing.T) {
	p, err := layered(map[string]string{
		"vmloom.yaml":       shared + "extends: [a.yaml, sub/b.yaml]\nnix: {}\n",
		"a.yaml":            "extends: [sub/c.yaml]\nguest: {env: {A: a, B: a, C: a}}\n",
		"sub/b.yaml":        "extends: [./c.yaml]\nguest: {env: {B: b}}\nnix: {modules: [./m.nix, ../n.nix]}\nguix: {manifest: ../../m.scm}\n",
		"sub/c.yaml":        "guest: {env: {C: c, D: c}}\n",
		"vmloom.local.yaml": "guest: {env: {D: local}}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range p.Sources() {
		order = append(order, s.File)
	}
	if d := cmp.Diff([]string{"sub/c.yaml", "a.yaml", "sub/b.yaml", "", "vmloom.local.yaml"}, order); d != "" {
		t.Error(d)
	}
	want := map[string]string{"A": "a", "B": "b", "C": "a", "D": "local", "EDITOR": "vim", "PAGER": "less"}
	if d := cmp.Diff(want, p.Guest.Env); d != "" {
		t.Error(d)
	}
	if p.Nix.Modules[0] != "./sub/m.nix" || p.Nix.Modules[1] != "./n.nix" || p.Guix.Manifest != "../m.scm" {
		t.Error("files of a part:", p.Nix.Modules, p.Guix.Manifest)
	}
	for path, at := range map[string]Pos{
		"guest.env.A": {"a.yaml", 2, 18}, "guest.env.B": {"sub/b.yaml", 2, 18}, "guest.env.D": {"vmloom.local.yaml", 1, 18},
		"guest.env": {"", 9, 8}, "guest.env.EDITOR": {"", 9, 17}, "nix.modules": {"sub/b.yaml", 3, 16}, "guest.nothing": {"", 5, 3}, "": {"", 1, 1},
	} {
		if got := p.At(path); got != at {
			t.Errorf("%s: %+v, want %+v", path, got, at)
		}
	}
}

// TestLayersRefuse: what is wrong is told in the file where it stands.
func TestLayersRefuse(t *testing.T) {
	local := func(text string) map[string]string {
		return map[string]string{"vmloom.yaml": shared, "vmloom.local.yaml": text}
	}
	extends := func(list string, more ...string) map[string]string {
		files := map[string]string{"vmloom.yaml": shared + "extends: " + list + "\n"}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	deep := extends("[p0.yaml]")
	for i := range 12 {
		deep[fmt.Sprintf("p%d.yaml", i)] = fmt.Sprintf("extends: [p%d.yaml]\n", i+1)
	}
	many := "["
	wide := map[string]string{}
	for i := range 40 {
		many += fmt.Sprintf("w%d.yaml, ", i)
		wide[fmt.Sprintf("w%d.yaml", i)] = "{}\n"
	}
	wide["vmloom.yaml"] = shared + "extends: " + many + "]\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"unknown key", local("resource: {cpus: 2}\n"), "vmloom.local.yaml:1:1: resource: unknown key [did you mean resources?]"},
		{"wrong type", local("guest:\n  packages: git\nports: 80\nresources: []\n"), `vmloom.local.yaml:2:13: guest.packages: must be a list [write it as a list, even of one: [git]]
vmloom.local.yaml:3:8: ports: must be a list [write [{guest: 80}]]
vmloom.local.yaml:4:12: resources: must be a mapping [write {cpus: 4, memory: 8GiB, disk: 50GiB}]`},
		{"a mapping for a list", local("sockets: {docker: null}\n"), "vmloom.local.yaml:1:10: sockets: must be a list [write [{name: docker, from: docker}]]"},
		{"a rule over both", local("home: {disk: 1MiB}\nmounts: [{host: /x, guest: /mnt/data/}]\n"), `vmloom.local.yaml:1:14: home.disk: must be at least 256MiB
vmloom.local.yaml:2:28: mounts[2].guest: must be written plainly: /mnt/data`},
		{"double", local("resources: {cpus: 2, cpus: 3}\n"), "vmloom.local.yaml:1:22: resources.cpus: key is already set in line 1 [keep one of the two]"},
		{"removed is required", local("guest: {system: null}\nhost: null\n"), `vmloom.local.yaml:1:17: guest.system: is required: one of nixos, guix, ubuntu, debian, fedora
vmloom.local.yaml:2:7: host: is required [write host: {os: linux}]`},
		{"removes nothing", local("sockets: [dokcer: null]\nguest: {env: {EDITR: null}, packages: [{nothing: null}]}\nports: [9090: null]\n"), `vmloom.local.yaml:1:11: sockets[dokcer]: removes what is not there [did you mean docker?]
vmloom.local.yaml:2:22: guest.env.EDITR: removes what is not there [did you mean EDITOR?]
vmloom.local.yaml:2:41: guest.packages[nothing]: removes what is not there [there is git, ripgrep, fd]
vmloom.local.yaml:3:9: ports[9090]: removes what is not there [there is 80]`},
		{"another machine", local("name: other\n"), "vmloom.local.yaml:1:7: name: is dev in vmloom.yaml, and this file is of the same machine [take it out; another machine has a profile of its own, which may extend this one: extends: [./vmloom.yaml]]"},
		{"several documents", local("name: dev\n---\nname: b\n"), "vmloom.local.yaml:2:1: second document: a file is of one machine [give it a file of its own]"},
		{"a list", local("- a\n"), "vmloom.local.yaml:1:1: not a part of a profile: must be a mapping of keys, not a list [write KEY: VALUE lines, as the profile has them]"},
		{"not YAML", local("a: [\n"), "vmloom.local.yaml:2:1: YAML: did not find expected node content while parsing a flow node"},
		{"extends in it", local("extends: [a.yaml]\n"), "vmloom.local.yaml:1:10: extends: does not belong in a local file, which is merged over vmloom.yaml [write it into vmloom.yaml]"},
		{"null at the bottom", map[string]string{"vmloom.yaml": shared + "autostart: null\n", "vmloom.local.yaml": "{}\n"}, "14:12: autostart: must be text, not empty [remove the key, or give it a value]"},
		{"both files", map[string]string{"vmloom.yaml": shared + "hosts: x\n", "vmloom.local.yaml": "resource: 1\n"}, "14:1: hosts: unknown key [host: is this machine; for names of others write network: {hosts: {db.internal: 10.0.0.5}}]\nvmloom.local.yaml:1:1: resource: unknown key [did you mean resources?]"},

		{"missing", extends("[../base.yaml]"), "14:11: extends[0]: there is no file ../base.yaml [the path is relative to the file that it stands in]"},
		{"circle", extends("[a/b.yaml]", "a/b.yaml", "extends: [../c.yaml]\n", "c.yaml", "resources: {cpus: 1}\nextends:\n  - a/b.yaml\n"), "c.yaml:3:5: extends[0]: extends itself: a/b.yaml -> c.yaml -> a/b.yaml [take one of these out of the others' extends]"},
		{"itself", extends("[./vmloom.yaml]"), "14:11: extends[0]: extends itself: vmloom.yaml -> vmloom.yaml [take one of these out of the others' extends]"},
		{"a text", extends("base.yaml"), "14:10: extends: must be a list [write it as a list, even of one: [base.yaml]]"},
		{"absolute and more", extends(`[/etc/base.yaml, "~/base.yaml", "https://example.org/base.yaml", ".."]`), `14:11: extends[0]: must be a path relative to this file, such as ../base.yaml
14:27: extends[1]: must be a path relative to this file, such as ../base.yaml
14:42: extends[2]: must be a path relative to this file, such as ../base.yaml`},
		{"the local file", map[string]string{"vmloom.yaml": shared + "extends: [vmloom.local.yaml]\n", "vmloom.local.yaml": "{}\n"}, "14:11: extends[0]: is the local file, which is one machine's and merged over the profile by itself [take it out]"},
		{"wrong in a part", extends("[base.yaml]", "base.yaml", "extends: 1\n"), "base.yaml:1:10: extends: must be a list [write it as a list, even of one: [1]]"},
		{"unknown in a part", extends("[base.yaml]", "base.yaml", "guest:\n  uid: 1000\n"), "base.yaml:2:3: guest.uid: unknown key [belongs below guest.user:]"},
		{"deep", deep, "p7.yaml:1:11: extends[0]: lies more than 8 files deep [name its file in vmloom.yaml itself]"},
		{"wide", wide, "14:321: extends[32]: is one file too many: a profile may extend 32 [put some of them together]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := layered(c.files)
			if d := cmp.Diff(often.Replace(c.want), report(err)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			ps, _ := err.(Problems)
			for _, p := range ps {
				checkProblem(t, c.files[map[bool]string{true: "vmloom.yaml", false: p.File}[p.File == ""]], p)
			}
		})
	}
}

// TestMergeBombs: what grows without end is cut off, in time.
func TestMergeBombs(t *testing.T) {
	aliases := "lima: {extra: {a0: &a0 {x: 1}"
	for i := range 60 {
		aliases += fmt.Sprintf(", a%d: &a%d {x: *a%d, y: *a%d}", i+1, i+1, i, i)
	}
	var wide strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&wide, "k%d: 1,", i)
	}
	for name, text := range map[string]string{"aliases": aliases + "}}\n", "wide": "lima: {extra: {" + wide.String() + "}}\n"} {
		_, err := layered(map[string]string{"vmloom.yaml": shared + text, "vmloom.local.yaml": text})
		if err == nil || !strings.Contains(err.Error(), "too many values") {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

// FuzzMerge: whatever two files say, it is told where it stands; and one that says nothing changes nothing.
func FuzzMerge(f *testing.F) {
	for _, local := range []string{"", "# nothing\n", "resources: {cpus: 8}\n", "guest: {packages: [htop, git: null], env: {A: &a b, C: *a}}\n", "sockets: [docker: null, {name: docker}]\nports: null\n", "mounts: [{host: /src}, {host: /src}]\n", "lima: {extra: {a: {b: [1]}}}\n", "guest: {}\nextends ./vmloom.base.\n", "guest: {packages: [{nix: &d, apt: *d}]}\n"} {
		f.Add([]byte(shared), []byte(local), false)
		f.Add([]byte(ascalon), []byte(local), true)
		f.Add([]byte(local), []byte(local), false)
	}
	f.Fuzz(func(t *testing.T, main, other []byte, extends bool) {
		files := map[string]string{"vmloom.yaml": string(main), "vmloom.local.yaml": string(other)}
		if extends {
			files = map[string]string{"vmloom.yaml": string(main) + "\nextends: [base.yaml]\n", "base.yaml": string(other)}
		}
		p, err := layered(files)
		ps, _ := err.(Problems)
		if err == nil {
			ps = Lint(p, nil)
		}
		for _, one := range ps {
			checkProblem(t, files[orElse(one.File, "vmloom.yaml")], one)
		}
		if err == nil {
			for path, at := range p.pos {
				if text := files[orElse(at.File, "vmloom.yaml")]; at.Line < 1 || at.Line > strings.Count(text, "\n")+1 {
					t.Errorf("%s stands in line %d of %q", path, at.Line, text)
				}
			}
		}
		alone, errAlone := Load("vmloom.yaml", main)
		same, errSame := layered(map[string]string{"vmloom.yaml": string(main), "vmloom.local.yaml": "{}"})
		if d := cmp.Diff(errAlone, errSame); d != "" {
			t.Errorf("with nothing merged over it -alone +merged:\n%s", d)
		}
		if d := cmp.Diff(alone, same, cmp.AllowUnexported(Profile{}), notTheText); d != "" {
			t.Errorf("with nothing merged over it -alone +merged:\n%s", d)
		}
	})
}

// notTheText leaves out of a comparison what a profile keeps of its files.
var notTheText = cmp.FilterPath(func(p cmp.Path) bool {
	return slices.Contains([]string{"sources", "from", "removed", "root"}, p.String())
}, cmp.Ignore())

// orElse is the first name that is one.
func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
