package generate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

// TestLimaPorts: the rules of Lima's template, of which the first that matches counts, and
// whether the guide tells how to have no others.
func TestLimaPorts(t *testing.T) {
	const base = "version: 1\nname: vm\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\"}\n"
	const others = "guestPortRange: [1, 65535]\n  guestIP: 0.0.0.0\n  guestIPMustBeZero: false\n  proto: any\n  ignore: true\n"
	rule := func(text string) string { return "- " + strings.ReplaceAll(text, ", ", "\n  ") + "\n" }
	for _, c := range []struct {
		name, text, want string
		guide            bool
	}{
		{"none", "", "", true},
		{"as ever", "ports: [{guest: 8080, host: 18080}]\n", rule("guestPort: 8080, hostIP: 127.0.0.1, hostPort: 18080"), true},
		{"all", "network: {forward: all}\nports: [{guest: 80}]\n", rule("guestPort: 80, hostIP: 127.0.0.1, hostPort: 80"), true},
		{"listed", onlyListed + "ports: [{guest: 80}]\n", rule("guestPort: 80, hostIP: 127.0.0.1, hostPort: 80") + "- " + others, false},
		{"forward none", "network: {forward: none}\n", "- " + others, false},
		{
			"one number for both", "ports: [{guest: 50-60}, {guest: 53, host: 5353, protocol: udp}, {guest: 80, protocol: tcp, address: 0.0.0.0}]\n",
			"- guestPortRange: [50, 60]\n  hostIP: 127.0.0.1\n  hostPortRange: [50, 60]\n  proto: tcp\n" +
				rule("guestPort: 53, hostIP: 127.0.0.1, hostPort: 5353, proto: udp") + rule("guestPort: 80, hostIP: 0.0.0.0, hostPort: 80, proto: tcp"), true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := profile.Load("vm.yaml", []byte(base+c.text))
			if err != nil {
				t.Fatal(err)
			}
			files, err := Files(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got, want struct {
				PortForwards []map[string]any `yaml:"portForwards"`
			}
			for _, f := range files {
				switch f.Path {
				case "lima/vm.yaml":
					if err := yaml.Unmarshal(f.Data, &got); err != nil {
						t.Fatal(err)
					}
				case "docs/vm.md":
					if strings.Contains(string(f.Data), onlyListed) != c.guide {
						t.Errorf("the guide tells of %q: %v", onlyListed, !c.guide)
					}
				}
			}
			if err := yaml.Unmarshal([]byte("portForwards:\n"+c.want), &want); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
