package verify

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/lima"
	"vmloom/profile"
)

// fileSystems are what a guest calls each of Lima's types of mount.
func fileSystems() map[string][]string {
	return map[string][]string{profile.OverSSH: {"fuse.sshfs", "fuse"}, profile.By9P: {"9p"}, profile.VirtioFS: {"virtiofs"}}
}

// typeRow holds a mount to the type that the profile names.
func typeRow(p *profile.Profile, m profile.Mount, kind string) Check {
	return Check{
		Title: profile.Place(m.Host) + " is mounted by " + kind, Not: profile.Place(m.Host) + " is not mounted by " + kind,
		Because: say("the VM was started before the profile was changed"), Cure: callApply,
		steps: asksType(p, m),
		judge: func(_ *Site, a []answer) verdict {
			switch found := lastLine(a[0].out); {
			case !a[0].ok() || !slices.Contains(shares, found):
				return mute(a[0])
			case !slices.Contains(fileSystems()[kind], found):
				return bad("it is by %s", found)
			default:
				return good("%s", found)
			}
		},
	}
}

// watching starts what Lima's host agent says of a directory that it watches (its hostagent/inotify.go).
const watching = "enable inotify for writable mount: "

// watchRows asks Lima whether it watches the writable mounts.
func watchRows(p *profile.Profile) []Check {
	if !p.Lima.MountInotify || !p.UnderLima() || !slices.ContainsFunc(p.Mounts, func(m profile.Mount) bool { return m.Writable }) {
		return nil
	}
	return []Check{{
		ID: "mounts/watched", Title: "Lima watches the writable mounts", Not: "Lima does not watch the writable mounts", Field: "lima.mountInotify", Side: Host, Needs: []string{"instance/running"},
		Because: say("the VM was started before the profile was changed"), Cure: callApply,
		look: func(_ context.Context, s *session) verdict {
			log := filepath.Join(s.LimaHome, p.Lima.Instance, lima.AgentErr)
			data, err := atomic.Read(log, atomic.Most)
			if err != nil {
				return unreadable(err)
			}
			var watched []string
			for text := range strings.Lines(string(data)) {
				if line, ok := lima.ParseLog(text); ok && strings.HasPrefix(line.Msg, watching) {
					watched = append(watched, filepath.Clean(strings.TrimPrefix(line.Msg, watching)))
				}
			}
			for _, m := range p.Mounts {
				if m.Writable && !slices.Contains(watched, filepath.Clean(s.path(m.Host))) {
					return bad("%s does not tell of %s", log, s.path(m.Host))
				}
			}
			return good("%d of them", len(watched))
		},
	}}
}
