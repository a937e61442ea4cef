package profile

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestEveryFieldHasCost walks the types: a field that is a value says what a change of it costs.
func TestEveryFieldHasCost(t *testing.T) {
	known := changes()
	values := 0
	var walk func(of reflect.Type, path string)
	walk = func(of reflect.Type, path string) {
		for _, name := range fieldsOf(of).names {
			f := of.Field(fieldsOf(of).byName[name].index)
			below := f.Type
			for below.Kind() == reflect.Slice || below.Kind() == reflect.Map || below.Kind() == reflect.Pointer {
				below = below.Elem()
			}
			if below.Kind() == reflect.Struct && len(fieldsOf(below).names) > 0 {
				walk(below, join(path, name))
				continue
			}
			values++
			if changeOf(f) == nil {
				t.Errorf("%s: has no tag change", join(path, name))
			}
			for _, part := range changeOf(f) {
				if _, ok := known[part]; !ok {
					t.Errorf("%s: change %q: none of that name", join(path, name), part)
				}
			}
			if len(changeOf(f)) > 0 && ChangeWords(join(path, name)) == "" {
				t.Errorf("%s: has no words", join(path, name))
			}
		}
	}
	walk(profileType, "")
	if values < 60 {
		t.Errorf("only %d fields walked", values)
	}
}

const costly = `version: 1
name: dev
host: {os: linux, user: ada}
guest:
  system: %SYSTEM%
  user: {name: ada}
  packages: [git]
  env: {EDITOR: "vîm", API_TOKEN: "0123456789abcdef"}
resources: {cpus: 6}
home: {disk: 10GiB}
ports: [{guest: 80, host: 8080}]
mounts: [{host: /src, writable: true}]
sockets: [{name: docker, host: /run/docker.sock, guest: /run/d/docker.sock, env: DOCKER_HOST}]
`

func TestApplied(t *testing.T) {
	for system, want := range map[string]map[string]Applied{
		"debian\n  release: \"13\"": {
			"guest.packages[git]": {Value: "git", Costs: []Cost{Live}}, "guest.env.EDITOR": {Value: `"v\u00eem"`, Costs: []Cost{Live}},
			"guest.env.API_TOKEN": {Value: "...", Costs: []Cost{Live}}, "resources.cpus": {Value: "6", Costs: []Cost{Restart}},
			"ports[80]":       {Value: "guest 80, host 8080", Costs: []Cost{Live}},
			"sockets[docker]": {Value: "host /run/docker.sock, guest /run/d/docker.sock, env DOCKER_HOST", Costs: []Cost{Live}},
			"mounts[/src]":    {Value: "host /src, writable true", Costs: []Cost{Live}}, // by sshfs
			"resources.disk":  {Value: "50GiB", Costs: []Cost{Restart}}, "guest.release": {Value: "13", Costs: []Cost{Rebuild}},
		},
		"nixos": {
			"guest.packages[git]": {Value: "git", Costs: []Cost{Switch}}, "mounts[/src]": {Value: "host /src, writable true", Costs: []Cost{Restart, Switch}},
			"sockets[docker]": {Value: "host /run/docker.sock, guest /run/d/docker.sock, env DOCKER_HOST", Costs: []Cost{Live, Switch}},
			"nix.nixpkgs":     {Value: "github:NixOS/nixpkgs/nixos-26.05", Costs: []Cost{Switch}},
		},
		"guix": {"resources.disk": {Value: "50GiB", Costs: []Cost{Rebuild}}, "resources.cpus": {Value: "6", Costs: []Cost{Restart}}, "guest.packages[git]": {Value: "git", Costs: []Cost{Switch}}},
	} {
		p := mustLoad(t, strings.Replace(costly, "%SYSTEM%", system, 1))
		got := map[string]Applied{}
		for _, a := range p.Applied() {
			if _, twice := got[a.Path]; twice {
				t.Errorf("%s: %s: twice", system, a.Path)
			}
			got[a.Path] = a
		}
		for path, a := range want {
			if g := got[path]; g.Value != a.Value || !slices.Equal(g.Costs, a.Costs) {
				t.Errorf("%s: %s: got %q %q, want %q %q", system, path, g.Value, g.Costs, a.Value, a.Costs)
			}
		}
		for _, none := range []string{"version", "build.on", "host.os", "autostart"} {
			if _, is := got[none]; is {
				t.Errorf("%s: %s: reaches no VM", system, none)
			}
		}
	}
}

// TestNetworkCost: servers come with a start, names with the system, whose own list has them.
func TestNetworkCost(t *testing.T) {
	for _, c := range []struct {
		guest, dns     string
		hosts, servers []Cost
	}{
		{`debian, release: "13"`, "", []Cost{Live}, nil},
		{`debian, release: "13"`, "dns: [1.1.1.1]", nil, []Cost{Restart}},
		{"nixos", "", []Cost{Switch}, nil},
		{"nixos", "dns: [1.1.1.1], ", []Cost{Switch}, []Cost{Restart, Switch}},
		{"guix", "", []Cost{Switch}, nil},
	} {
		names := "hosts: {db: 10.0.0.5}"
		if c.hosts == nil {
			names = ""
		}
		p := mustLoad(t, "version: 1\nname: dev\nhost: {os: linux, user: ada}\nguest: {system: "+c.guest+"}\nnetwork: {"+c.dns+names+"}\n")
		if got := p.CostOf("network.hosts"); c.hosts != nil && !slices.Equal(got, c.hosts) {
			t.Errorf("%s %s: hosts: %v, want %v", c.guest, c.dns, got, c.hosts)
		}
		if got := p.CostOf("network.dns"); c.servers != nil && !slices.Equal(got, c.servers) {
			t.Errorf("%s %s: dns: %v, want %v", c.guest, c.dns, got, c.servers)
		}
	}
	if got, want := ChangeWords("network.hosts"), "live; NixOS, Guix: switch"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// TestMountCost: Lima mounts by sshfs, by 9p, by virtiofs, and as lima.extra has it; of these only the first comes live.
func TestMountCost(t *testing.T) {
	for _, c := range []struct {
		system, lima string
		cost         Cost
	}{
		{`debian, release: "13"`, "{}", Live},
		{`ubuntu, release: "24.10"`, "{}", Live},
		{`ubuntu, release: "24.04"`, "{}", Restart},
		{`ubuntu, release: "24.04"`, "{extra: {mountType: reverse-sshfs}}", Live},
		{`debian, release: "13"`, "{extra: {mountType: virtiofs}}", Restart},
		{`debian, release: "13"`, "{vmType: vz}", Restart},
		{`debian, release: "13"`, "{vmType: vz, mountType: reverse-sshfs}", Live},
	} {
		p := mustLoad(t, "version: 1\nname: dev\nhost: {os: macos, user: ada}\nlima: "+c.lima+"\nguest: {system: "+c.system+"}\nmounts: [{host: /src}]\n")
		if p.Lima.VMType != "vz" || !strings.HasPrefix(c.lima, "{vmType: vz") {
			p.Lima.VMType = "qemu" // a Mac's own is vz
		}
		if got := p.CostOf("mounts[].host"); !slices.Equal(got, []Cost{c.cost}) {
			t.Errorf("%s, lima: %s: %v, want %s", c.system, c.lima, got, c.cost)
		}
	}
}

// TestKeysOfHostCost: the host's own keys come with a start, those of the profile as the system takes them.
func TestKeysOfHostCost(t *testing.T) {
	for system, cost := range map[string]Cost{"debian\n  release: \"13\"": Live, "nixos": Switch, "guix": Switch} {
		src := strings.NewReplacer("%SYSTEM%", system, "user: {name: ada}", "user: {name: ada, authorizedKeys: [host, ssh-ed25519 AAAA]}").Replace(costly)
		costs := map[string]Applied{}
		for _, a := range mustLoad(t, src).Applied() {
			costs[a.Path] = a
		}
		if a := costs["guest.user.authorizedKeys[host]"]; a.Value != "host" || !slices.Equal(a.Costs, []Cost{Restart}) {
			t.Errorf("%s: host: %v", system, a)
		}
		if a := costs["guest.user.authorizedKeys"]; a.Value != "ssh-ed25519 AAAA" || !slices.Equal(a.Costs, []Cost{cost}) {
			t.Errorf("%s: %v", system, a)
		}
	}
}
