package verify

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/atomic"
	"vmloom/profile"
)

// besideRows notice a profile that has moved, where the VM shows something that is relative to it.
func besideRows(p *profile.Profile) []Check {
	if !p.SharesBeside() {
		return nil
	}
	return []Check{{
		ID: "instance/here", Title: "the VM has the profile's directory where it is", Not: "the VM has the profile's directory where it was", Field: "mounts", Side: Host, Needs: []string{"instance/ours"}, State: true,
		See: say("a shared directory is that of before"), Because: say("the profile has moved since the VM was started"), Cure: say("%s, then %s: the start follows", vmloom("stop"), vmloom("up")),
		look: func(_ context.Context, s *session) verdict {
			now := filepath.Dir(s.Owner.Path)
			then, err := runBy(p).project(p, s.Site)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return bad("it was not started since the profile names something beside itself")
			case err != nil:
				return unreadable(err)
			case then != now:
				return bad("%s, and the profile is in %s", then, now)
			}
			return good("%s", now)
		},
	}}
}

func limaProject(p *profile.Profile, s *Site) (string, error) {
	data, err := atomic.Read(limaYAML(p, s), atomic.Most)
	if err != nil {
		return "", err
	}
	var of struct {
		Param map[string]string `yaml:"param"`
	}
	err = yaml.Unmarshal(data, &of)
	return of.Param[profile.ProjectParam], err
}

func qemuProject(_ *profile.Profile, s *Site) (string, error) {
	data, err := atomic.Read(filepath.Join(s.State, "project"), atomic.Most)
	return strings.TrimSuffix(string(data), "\n"), err
}
