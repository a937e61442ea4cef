package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/atomic"
	"vmloom/lima"
	"vmloom/profile"
)

// given is what a VM has of its host.
type given struct {
	CPUs   int
	Memory profile.Size
}

// shareRows tell what the VM's shares of the host came to, and notice a host that has another size now.
func shareRows(p *profile.Profile) []Check {
	r := p.Resources
	if !r.Shared() {
		return nil
	}
	return []Check{{
		ID: "instance/share", Title: "the VM has its share of this host", Not: "the VM has not got its share of this host", Field: "resources", Side: Host, Needs: []string{"instance/ours"}, State: true,
		See: say("the VM has more, or less, of this host than the profile says"), Because: say("the host, or the profile, was changed since the VM was started"), Cure: say("%s, then %s: the start counts again", vmloom("stop"), vmloom("up")),
		look: func(_ context.Context, s *session) verdict {
			has, err := runBy(p).given(p, s.Site)
			wants := given{r.CPUs.On(s.CPUs), r.Memory.On(s.Memory)}
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return bad("it was not started since the profile says shares")
			case err != nil:
				return unreadable(err)
			case r.CPUs.Share > 0 && wants.CPUs > 0 && has.CPUs != wants.CPUs:
				return bad("%d processors, and its share of %d is %d", has.CPUs, s.CPUs, wants.CPUs)
			case r.Memory.Share > 0 && wants.Memory > 0 && has.Memory != wants.Memory:
				return bad("%s memory, and its share of %.1f GiB is %s", has.Memory, gib(s.Memory), wants.Memory)
			}
			return good("%s", has.of(r, s.Site))
		},
	}}
}

// of says what is given, and of how much where that is a share of it.
func (g given) of(r profile.Resources, s *Site) string {
	var parts []string
	if r.CPUs.Share > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d processors", g.CPUs, s.CPUs))
	}
	if r.Memory.Share > 0 {
		parts = append(parts, fmt.Sprintf("%s of %.1f GiB memory", g.Memory, gib(s.Memory)))
	}
	return strings.Join(parts, ", ")
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

func limaGiven(p *profile.Profile, s *Site) (given, error) {
	data, err := atomic.Read(limaYAML(p, s), atomic.Most)
	if err != nil {
		return given{}, err
	}
	var of struct {
		CPUs   int    `yaml:"cpus"`
		Memory string `yaml:"memory"`
	}
	err = yaml.Unmarshal(data, &of)
	bytes, _ := lima.ParseSize(of.Memory)
	return given{of.CPUs, profile.Size(bytes)}, err
}

// qemuGiven is what the scripts note of each start.
func qemuGiven(_ *profile.Profile, s *Site) (given, error) {
	data, err := atomic.Read(filepath.Join(s.State, "given"), atomic.Most)
	if err != nil {
		return given{}, err
	}
	var cpus int
	var mib int64
	if _, err := fmt.Sscanf(string(data), "%d %dM", &cpus, &mib); err != nil {
		return given{}, fmt.Errorf("%s: %w", filepath.Join(s.State, "given"), err)
	}
	return given{cpus, profile.Size(mib << 20)}, nil
}
