package lima

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestStockTemplateAt(t *testing.T) {
	for locator, want := range map[string]StockTemplate{
		"template:_images/debian-13":    {Image: Image{"debian", "13"}, Sets: without9p},
		"template:debian":               {Image: Image{"debian", "13"}, Sets: without9p},
		"template:_images/ubuntu-24.04": {Image: Image{"ubuntu", "24.04"}, Sets: map[string]string{}},
		"template://k8s.yaml": {Image: Image{"ubuntu", "26.04"}, Sets: map[string]string{
			"containerd.system": "true", "containerd.user": "false", "param.internal_netplanOptional": "true"}},
		"template:fedora-43":             {Image: Image{"fedora", "43"}, Sets: map[string]string{"ssh.overVsock": "false"}},
		"template:alpine":                {Image: Image{"alpine", "3.23"}, Sets: off},
		"template:_images/alpine-3.23":   {Image: Image{"alpine", "3.23"}, Sets: map[string]string{}},
		"template:homebrew-linux":        {Image: Image{"ubuntu", "26.04"}, Sets: map[string]string{"containerd.system": "false", "containerd.user": "false", "param.internal_netplanOptional": "true"}},
		"template:_images/freebsd-15":    {OS: "FreeBSD"},
		"template:experimental/gentoo":   {Sets: map[string]string{}},
		"template:mine":                  {},
		"https://example.org/debian.yml": {},
	} {
		got, ok := StockTemplateAt(locator)
		if ok != (want.Sets != nil || want.OS != "") || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %v\n%s", locator, ok, cmp.Diff(want, got))
		}
	}
	for name, values := range sets {
		if _, ok := StockTemplateAt("template:" + name); !ok {
			t.Errorf("%s: sets values, and is no template", name)
		}
		for place := range values {
			if _, ok := KeyAt(place); !ok && !strings.HasPrefix(place, "param.") {
				t.Errorf("%s: %s: Lima does not know it", name, place)
			}
		}
	}
}

// TestEmbed has the cases of limatmpl/embed_test.go that concern meaning.
func TestEmbed(t *testing.T) {
	for _, c := range [][3]string{
		{"{cpus: 2}", "{cpus: 4, memory: 8GiB}", "{cpus: 2, memory: 8GiB}"},
		{"{cpus: null}", "{cpus: 4}", "{cpus: null}"},
		{"{ssh: {localPort: 1}}", "{ssh: {localPort: 2, forwardAgent: true}}", "{ssh: {localPort: 1, forwardAgent: true}}"},
		{"{env: {A: a}}", "{env: {A: b, B: b}}", "{env: {A: a, B: b}}"},
		{"{portForwards: [{guestPort: 1}]}", "{portForwards: [{guestPort: 2}]}", "{portForwards: [{guestPort: 1}, {guestPort: 2}]}"},
		{"{provision: [{script: b}]}", "{provision: [{script: a}]}", "{provision: [{script: a}, {script: b}]}"},
		{"{probes: [{script: b}]}", "{probes: [{script: a}]}", "{probes: [{script: a}, {script: b}]}"},
		{"{caCerts: {files: [a]}}", "{caCerts: {files: [b]}}", "{caCerts: {files: [a, b]}}"},
		{"{dns: [1.1.1.1]}", "{dns: [8.8.8.8]}", "{dns: [1.1.1.1]}"}, {"{dns: []}", "{dns: [8.8.8.8]}", "{dns: [8.8.8.8]}"},
		{"{mountTypesUnsupported: [9p]}", "{mountTypesUnsupported: [9p, virtiofs]}", "{mountTypesUnsupported: [9p, virtiofs]}"},
		{"{minimumLimaVersion: 1.1.0}", "{minimumLimaVersion: 2.0.0}", "{minimumLimaVersion: 2.0.0}"},
		{"{minimumLimaVersion: 2.1.0}", "{minimumLimaVersion: 2.0.0}", "{minimumLimaVersion: 2.1.0}"},
		{"{mounts: [{location: ~/a}]}", "{mounts: [{location: ~/a, writable: true}, {location: ~/b}]}", "{mounts: [{location: ~/a, writable: true}, {location: ~/b}]}"},
		{"{mounts: [{location: ~/a, mountPoint: /x, writable: false}]}", "{mounts: [{location: ~/b, mountPoint: /x, writable: true, sshfs: {cache: false}}]}",
			"{mounts: [{location: ~/a, mountPoint: /x, writable: false, sshfs: {cache: false}}]}"},
		{"{mounts: [{location: ~/a}, {location: ~/b, writable: false}]}", `{mounts: [{location: "*", writable: true}]}`, "{mounts: [{location: ~/a, writable: true}, {location: ~/b, writable: false}]}"},
		{"{additionalDisks: [data]}", "{additionalDisks: [{name: data, format: false}]}", "{additionalDisks: [{name: data, format: false}]}"},
		{"{networks: [{lima: shared, interface: lima0}]}", "{networks: [{interface: lima0, metric: 5}, {vzNAT: true}]}", "{networks: [{lima: shared, interface: lima0, metric: 5}, {vzNAT: true}]}"},
		{"{mounts: []}", "{mounts: [{location: ~}]}", "{mounts: [{location: ~}]}"},
	} {
		var nodes [2]yaml.Node
		for i := range nodes {
			if err := yaml.Load([]byte(c[i]), &nodes[i]); err != nil {
				t.Fatal(err)
			}
		}
		var got, want any
		if err := Embed(nodes[0].Content[0], nodes[1].Content[0]).Load(&got); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Load([]byte(c[2]), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s and base %s:\n%s", c[0], c[1], diff)
		}
	}
}
