package generate

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

// TestNoOtherPorts: what the guide gives to turn Lima's own forwards off is a part of a
// profile, and its rule stands after those of the profile.
func TestNoOtherPorts(t *testing.T) {
	const base = "version: 1\nname: vm\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\"}\nports: [{guest: 8080, host: 18080}]\n"
	p, err := profile.Load("vm.yaml", []byte(base+noOtherPorts))
	if err != nil {
		t.Fatal(err)
	}
	files, err := Files(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		PortForwards []map[string]any `yaml:"portForwards"`
	}
	for _, f := range files {
		switch f.Path {
		case "lima/vm.yaml":
			if err := yaml.Unmarshal(f.Data, &template); err != nil {
				t.Fatal(err)
			}
		case "docs/vm.md":
			if !strings.Contains(string(f.Data), noOtherPorts) {
				t.Error("the guide does not have it")
			}
		}
	}
	rules := template.PortForwards
	if len(rules) != 2 || rules[0]["hostPort"] != 18080 || rules[1]["ignore"] != true {
		t.Errorf("%v", rules)
	}
}
