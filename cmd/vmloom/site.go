package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"vmloom/cure"
	"vmloom/generate"
	"vmloom/ownership"
	"vmloom/profile"
	"vmloom/verify"
)

// lookAt is a profile and the machine that is held to it.
type lookAt struct {
	*ui
	// path of the profile as it was given.
	path string
	*profile.Profile
	site *verify.Site
}

// look reads the one profile that the arguments name, and what its files should be.
func look(ctx context.Context, u *ui, args []string) (*lookAt, error) {
	s, err := u.oneSetup(ctx, args)
	if err != nil {
		return nil, err
	}
	return u.lookAt(s)
}

// lookAt is a profile with what its files should be, and the machine.
func (u *ui) lookAt(s *setup) (*lookAt, error) {
	made, err := s.files(s.Profile)
	if err != nil {
		return nil, err
	}
	site, err := here(s.Name)
	if err != nil {
		return nil, err
	}
	if site.Owner, err = ownership.Of(s.path, s.Name); err != nil {
		return nil, err
	}
	site.TypedLima = u.lima.typed
	site.Base, site.Generated, site.Files = s.base, s.generated(), map[string][]byte{}
	for _, f := range made {
		site.Files[f.Path] = f.Data
	}
	plan, err := generate.Compare(s.base, s.Profile, made, false)
	if err != nil {
		return nil, err
	}
	for _, c := range plan.Changes {
		if c.Op != generate.Unchanged {
			site.Stale = append(site.Stale, c.Path)
		}
	}
	pinned, err := s.image(s.Profile, site.Arch)
	if err != nil {
		return nil, err
	}
	p := s.OnArch(site.Arch)
	if start := generate.StartsFrom(p, pinned); start.Record != nil {
		if _, err := os.Stat(filepath.Join(s.base, filepath.FromSlash(start.Image))); err == nil {
			site.Image = start.Image
		}
	}
	return &lookAt{u, s.path, p, site}, nil
}

// here is this machine; name is the profile's, or empty.
func here(name string) (*verify.Site, error) {
	layout, err := hostLayout()
	if err != nil {
		return nil, err
	}
	cpus, memory := hostSize()
	running, _ := profile.HostRunning(runtime.GOOS)
	return &verify.Site{
		Home: layout.Home, Config: layout.Config, User: layout.User, UID: layout.UID, Daemons: layout.Daemons,
		LimaHome: limaDir(layout), State: filepath.Join(layout.State, "vmloom", name),
		OS:   cmp.Or(running.Name, runtime.GOOS),
		Arch: thisArch(),
		CPUs: cpus, Memory: memory,
		KVM: "/dev/kvm", Proc: "/proc", Token: rand.Text()[:12], Now: time.Now,
	}, nil
}

// typed is a text as the user would type its commands.
func (l *lookAt) typed(t cure.Text) string { return t.Typed(typedFor(l.path)) }

// run looks at the machine, and shows on a terminal how far it is.
func (l *lookAt) run(ctx context.Context, checks []verify.Check, only string) []verify.Result {
	m := l.meter(len(checks))
	defer m.clear()
	l.site.Tell = m.at
	return verify.Run(ctx, l.site, checks, only)
}
