package main

import (
	"context"
	"os"
	"path/filepath"

	"vmloom/engine"
	"vmloom/flake"
	"vmloom/generate"
	"vmloom/process"
	"vmloom/profile"
)

// called is a form of the profile under another name, as far as files and images are called by it.
func called(p *profile.Profile, name string) *profile.Profile {
	q := *p
	q.Name = name
	return &q
}

// takeAlong has what is not generated go by the new name: the pinned inputs of the flake, and the images with their lock.
func (r *renameRun) takeAlong(ctx context.Context, after *setup) error {
	pinned := func(name string) string { return filepath.Join(after.base, flake.LockOf(name)) }
	if there(pinned(r.old)) && !there(pinned(r.name)) {
		if err := os.MkdirAll(filepath.Dir(pinned(r.name)), 0o755); err != nil {
			return err
		}
		if err := os.Rename(pinned(r.old), pinned(r.name)); err != nil {
			return err
		}
	}
	for _, p := range after.forms() {
		if err := engine.Rename(ctx, after.base, called(p, r.old), p); err != nil {
			return err
		}
	}
	return nil
}

// clear removes what was generated under the old name, and names what stays.
func (r *renameRun) clear(ctx context.Context, after *setup) error {
	for _, tree := range []string{profile.SharedTree, profile.LocalTree} {
		plan, err := generate.Former(after.base, after.Profile, tree+"/"+r.old)
		if err != nil {
			return err
		}
		if plan == nil {
			continue
		}
		if err := plan.Apply(ctx); err != nil {
			return err
		}
		if left := filepath.Join(filepath.Dir(after.path), tree, r.old); there(left) {
			r.suggest(process.Cmd{Args: []string{"rm", "-r", left}}.String(), "%s: holds what is not vmloom's, or was edited by hand: kept", left)
		}
	}
	return nil
}

// freshImages reports of each form of the profile whether its image was built from what is there now.
func (r *renameRun) freshImages(ctx context.Context, s *setup) (out []bool, err error) {
	for _, p := range s.imaged() {
		record, err := engine.Pinned(s.base, p, nil)
		if err != nil {
			return nil, err
		}
		inputs, err := r.inputs(ctx, s, p)
		if err != nil {
			return nil, err
		}
		out = append(out, record != nil && record.Inputs == inputs)
	}
	return out, nil
}

// keepFresh has an image that was up to date stay so, where nothing of the VM's name is in it but the paths of files:
// where the host name is another, an image of it is another, too.
func (r *renameRun) keepFresh(ctx context.Context, after *setup) error {
	for i, p := range after.imaged() {
		if i >= len(r.fresh) || !r.fresh[i] || p.Guest.Hostname != r.before.imaged()[i].Guest.Hostname {
			continue
		}
		inputs, err := r.inputs(ctx, after, p)
		if err != nil {
			return err
		}
		if err := engine.Follows(ctx, after.base, p, inputs); err != nil {
			return err
		}
	}
	return nil
}

// inputs is the hash of what a form's image follows from; empty where none is built.
func (r *renameRun) inputs(ctx context.Context, s *setup, p *profile.Profile) (string, error) {
	e, err := engine.For(p)
	if err != nil {
		return "", nil // none is built
	}
	b := &imageBuild{imageRun: &imageRun{ui: r.ui}, setup: &setup{p, s.shared, s.path, s.base, nil}}
	if err := b.newJob(); err != nil {
		return "", err
	}
	return e.InputsHash(ctx, b.job)
}
