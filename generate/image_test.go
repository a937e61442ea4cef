package generate_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestImageTemplate: the throw-away instance of each golden profile is one that Lima
// takes, and holds nothing of the machine that the VM itself becomes.
func TestImageTemplate(t *testing.T) {
	seen := 0
	for _, path := range tooltest.Goldens(t) {
		p, err := load(path)
		must(t, err)
		e, err := engine.For(p)
		if err != nil || e.Name != "limactl" {
			continue
		}
		seen++
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			data, err := generate.ImageTemplate(p)
			must(t, err)
			text := string(data)
			for _, gone := range append([]string{p.Marker(), "\nmounts:", "\nportForwards:", "\nadditionalDisks:", "\nprobes:", "\ncpus:", "\nmemory:", p.HomeDisk()}, p.Guest.User.Keys()...) {
				if strings.Contains(text, gone) {
					t.Errorf("the template has %q", gone)
				}
			}
			for _, pkg := range p.Guest.Packages {
				if name := pkg.For(p.System()); !strings.Contains(text, name) {
					t.Errorf("the template lacks the package %s", name)
				}
			}
			problems := slices.DeleteFunc(append(limaKeys(text), limaRules("vmloom-image-"+p.Name, text)...), func(problem string) bool {
				// Lima's own choice, and the builder's uid where it is each host's own: the image keeps no account.
				return strings.HasPrefix(problem, "memory:") || p.Guest.User.UID.OfHost() && strings.HasPrefix(problem, "user: uid ")
			})
			for _, problem := range problems {
				t.Error(problem)
			}
			t.Run("limactl", func(t *testing.T) { limactlValidate(t, text) })
		})
	}
	if seen < 3 {
		t.Errorf("only %d profiles have an image of limactl", seen)
	}
}

// TestImageTemplateOfOneMachine: what belongs to one machine does not change the
// image, what reaches the system does.
func TestImageTemplateOfOneMachine(t *testing.T) {
	template := func(more string) string {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada}\nguest: {system: debian, release: '13', user: {name: ada"+more))
		must(t, err)
		data, err := generate.ImageTemplate(p)
		must(t, err)
		return string(data)
	}
	base := template("}}\n")
	for _, same := range []string{
		"}}\nresources: {cpus: 2, memory: 8GiB}\n",
		"}}\nhome: {disk: 10GiB}\n",
		"}}\nmounts: [{host: ~/x, writable: true}]\nports: [{guest: 80, host: 8080}]\nsockets: [{name: docker, from: colima}]\n",
		", authorizedKeys: [ssh-ed25519 AAAA x]}}\n",
		"}}\nlima: {instance: other, sshPort: 60022, extra: {cpus: 8, networks: [{lima: user-v2}], video: {display: default}, vmOpts: {vz: {diskImageFormat: asif}}}}\n",
		"}}\nautostart: login\n",
	} {
		if got := template(same); got != base {
			t.Errorf("%s changes the image:\n%s", strings.TrimSpace(same), got)
		}
	}
	for _, other := range []string{
		", shell: zsh}}\n", "}}\nresources: {disk: 20GiB}\n", "}}\nlima: {extra: {upgradePackages: true}}\n",
		", uid: 1001}}\n", ", home: /home/other}}\n",
	} {
		if template(other) == base {
			t.Errorf("%s does not change the image", strings.TrimSpace(other))
		}
	}
	// A param whose only use is gone is an error to Lima; others stay.
	got := template("}}\nlima: {extra: {param: {a: ~/x, b: y}, mounts: [{location: '{{.Param.a}}'}], provision: [{mode: system, script: 'echo $PARAM_b'}]}}\n")
	if strings.Contains(got, "a: ~/x") || !strings.Contains(got, "b: y") {
		t.Errorf("params:\n%s", got)
	}
}
