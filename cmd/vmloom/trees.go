package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/profile"
	"vmloom/seen"
)

// setup is a profile as it is on this machine, with where it lies.
type setup struct {
	*profile.Profile
	// shared is the profile as everybody has it; the same where there is no local file.
	shared *profile.Profile
	path   string // as the user wrote it
	base   string // its directory, absolute
	// looks notes what is asked for to make the files and to compare them; nil: nobody remembers.
	looks *seen.Looks
}

func loadSetup(path string) (*setup, error) { return loadLooking(path, nil) }

func loadLooking(path string, looks *seen.Looks) (*setup, error) {
	p, shared, err := loadBoth(path, looks)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(filepath.Dir(path))
	return &setup{p, shared, path, base, looks}, err
}

// forms of the profile, each of which has a tree of files: the shared one, and that of this machine.
func (s *setup) forms() []*profile.Profile {
	if s.shared == s.Profile {
		return []*profile.Profile{s.shared}
	}
	return []*profile.Profile{s.shared, s.Profile}
}

// generated is the directory of the files that are used on this machine, absolute.
func (s *setup) generated() string { return filepath.Join(s.base, filepath.FromSlash(s.FilesDir())) }

// plan compares the files of a form of the profile with what is there.
func (s *setup) plan(p *profile.Profile, force bool) (*generate.Plan, error) {
	made, err := s.files(p)
	if err != nil {
		return nil, err
	}
	generate.Look(s.looks, s.base, p, made)
	return generate.Compare(s.base, p, made, force)
}

// files makes those of a form of the profile, with the image that its lock names and what its own modules read.
func (s *setup) files(p *profile.Profile) ([]generate.File, error) {
	images := engine.Images{}
	for _, arch := range p.Guest.Arches() {
		image, err := s.image(p, arch)
		if err != nil {
			return nil, err
		}
		if image != nil {
			images[arch] = *image
		}
	}
	return generate.Files(p, images, s.ownFiles(p)...)
}

// ownFiles are the user's that the definition of the system reads.
func (s *setup) ownFiles(p *profile.Profile) (own []string) {
	if p.HasFlake() {
		own, _ = engine.NixOwn(p, s.base, s.looks)
	} else {
		own, _ = engine.GuixOwn(p, s.base, s.looks)
	}
	return own
}

// image is what is pinned for a form of the profile on a processor: nil where it has none yet. That
// of this machine takes the shared one while its local file changes nothing in it.
func (s *setup) image(p *profile.Profile, arch string) (*engine.Record, error) {
	shared := s.shared.OnArch(arch)
	record, err := s.pinned(p.OnArch(arch))
	if err != nil || p == s.shared || record != nil {
		return record, err
	}
	if record, err = s.pinned(shared); err != nil || record == nil {
		return nil, err
	}
	same, err := s.sameImage(arch)
	if err != nil || !same {
		return nil, err
	}
	return record, nil
}

// onArch is the setup on a host of a processor: for what is done there. The files are everybody's, and made of the setup itself.
func (s *setup) onArch(arch string) *setup {
	one, shared := s.Profile.OnArch(arch), s.shared.OnArch(arch)
	if s.Profile == s.shared {
		shared = one
	}
	return &setup{one, shared, s.path, s.base, s.looks}
}

// imaged are the forms of the profile on each processor that it may have: those of an image each.
func (s *setup) imaged() (out []*profile.Profile) {
	for _, p := range s.forms() {
		for _, arch := range p.Guest.Arches() {
			out = append(out, p.OnArch(arch))
		}
	}
	return out
}

// builds is the setup whose image is built: the shared one where the local file changes nothing in the image, so that
// nobody builds twice.
func (s *setup) builds() (*setup, error) {
	if s.shared == s.Profile || !engine.Builds(s.Profile) {
		return s, nil
	}
	same, err := s.sameImage(thisArch())
	if err != nil || !same {
		return s, err
	}
	return &setup{s.shared, s.shared, s.path, s.base, s.looks}, nil
}

// sameImage reports whether the image of this machine's form is the shared one's: it follows from the same.
func (s *setup) sameImage(arch string) (bool, error) {
	var follows [2][]byte
	for i, p := range s.forms() {
		one := p.OnArch(arch)
		template, err := s.imageTemplate(one)
		if err != nil {
			return false, err
		}
		made, err := generate.Files(p, nil, s.ownFiles(p)...)
		if err != nil {
			return false, err
		}
		follows[i] = append(template, one.Guest.Arch...)
		for _, file := range engine.Inputs(one) {
			name, generated := strings.CutPrefix(file, p.FilesDir()+"/")
			at := slices.IndexFunc(made, func(f generate.File) bool { return f.Path == name })
			if generated && at >= 0 {
				follows[i] = append(append(follows[i], name...), made[at].Data...)
			} else {
				follows[i] = append(follows[i], file...)
			}
		}
	}
	return bytes.Equal(follows[0], follows[1]), nil
}

// imageTemplate is what limactl builds an image from; empty where another does. How many processors the VM has, and
// how much memory, is not in the image.
func (s *setup) imageTemplate(p *profile.Profile) ([]byte, error) {
	if engine.NameFor(p) != "limactl" {
		return nil, nil
	}
	q := *p
	q.Resources.CPUs, q.Resources.Memory = s.shared.Resources.CPUs, s.shared.Resources.Memory
	return generate.ImageTemplate(&q)
}
