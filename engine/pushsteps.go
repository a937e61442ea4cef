package engine

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"vmloom/process"
	"vmloom/profile"
	"vmloom/quote"
)

// What is built is in the store of its place, and the key that signs it here. nix here signs and copies it from
// there: by ssh from that store itself, from a Lima guest by a copy that is brought here.

// readyAway looks at what a push from another machine needs beside.
func (c Caches) readyAway(ctx context.Context, e Engine, j *Job, i int) *Failure {
	one := c.Fleet.Caches[i]
	if j.Place.Kind == Local {
		return nil
	}
	if e.Name == "nix" && (one.Push != "" || one.SecretKey != "") {
		if _, err := exec.LookPath("nix"); err != nil {
			return &Failure{
				Cause: "--push: nix here signs and copies what " + j.Place.String() + " builds, and there is none",
				Hint:  "install it: " + nixInstall + "; or run vmloom build-image --push there", Field: "build.on",
			}
		}
	}
	if len(one.PushBy) == 0 {
		return nil
	}
	if one.SecretKey != "" && e.Name == "nix" && j.Place.Kind == Lima {
		return c.fault(i, "secretKey", "pushBy runs in "+j.Place.String()+", where the image is, and the key is here", "push: in the place of pushBy copies from here; or build elsewhere: --on local --builders")
	}
	if _, err := askAt(ctx, j.Place, "command", "-v", one.PushBy[0]); err != nil {
		return c.fault(i, "pushBy", one.PushBy[0]+": not found at "+j.Place.String()+", where what is built there is pushed from", "install it there, or name its path")
	}
	return nil
}

// store is where nix here finds what was built, with what ssh is told; empty: its own.
func (e Engine) store(j *Job) (url string, env []string) {
	switch j.Place.Kind {
	case SSH:
		host, _ := j.Place.address()
		return "ssh-ng://" + host, []string{"NIX_SSHOPTS=" + j.Place.sshFlags()}
	case Lima:
		return "file://" + filepath.Join(j.Work, "store"), nil
	}
	return "", nil
}

// pushSteps sign what is in ${OUT} and copy it to a cache.
func (e Engine) pushSteps(j *Job, c profile.Cache) (steps []process.Step, err error) {
	store, env := e.store(j)
	nix := func(does, option string, args ...string) {
		words := nixArgs(args...)
		if store != "" {
			words = append(words, option, store)
		}
		steps = append(steps, process.Step{Does: does, Cmd: process.Cmd{Args: append(words, "${OUT}"), Env: append([]string{"LC_ALL=C"}, env...)}})
	}
	if c.SecretKey != "" && e.Name == "nix" {
		nix("Sign it for "+c.URL, "--store", "store", "sign", "--recursive", "--key-file", c.SecretKey)
	}
	if c.Push != "" && e.Name == "nix" {
		nix("Copy it to "+c.Push, "--from", "copy", "--to", c.Push)
		return steps, nil
	}
	words := append(append([]string{}, c.PushBy...), "${OUT}")
	if j.Place.Kind != Local {
		script, err := quote.Sh(c.PushBy)
		if err != nil {
			return nil, err
		}
		if words, err = j.Place.shell(script + " ${OUT}"); err != nil {
			return nil, err
		}
	}
	return append(steps, process.Step{Does: "Copy it to " + c.URL, Cmd: process.Cmd{Args: words}}), nil
}

// output is the step that names what a job's build gave in the store: of one that has just run here, or of the derivation.
func (e Engine) output(j *Job, fresh bool) (process.Step, error) {
	s := process.Step{Does: "Ask what was built", Sets: "OUT", Accept: storePath}
	words := []string{"nix-store", "--realise", "${DRV}"}
	s.Env = []string{"LC_ALL=C"}
	if e.Name == "guix" {
		words, s.Env, s.Accept = []string{"guix", "build", "${DRV}"}, guixEnv, guixItem
	}
	switch {
	case j.Place.Kind == Local && e.Name == "nix" && fresh:
		words, s.Env = []string{"readlink", filepath.Join(j.Work, "result")}, nil
	case j.Place.Kind != Local:
		var err error
		if words, err = j.Place.shell("export " + strings.Join(s.Env, " ") + "; exec " + strings.Join(words, " ")); err != nil {
			return s, err
		}
		s.Env = nil
	}
	s.Args = words
	return s, nil
}

// bring are the steps that name what was built and, in a Lima guest, copy it to where nix here reads it.
func (e Engine) bring(j *Job, c Caches, fresh bool) ([]process.Step, error) {
	named, err := e.output(j, fresh)
	more, e2 := e.bringOut(j, c)
	return append([]process.Step{named}, more...), errors.Join(err, e2)
}

// bringOut copies what is in ${OUT} out of a Lima guest: it has no way in for nix here that works in every guest.
func (e Engine) bringOut(j *Job, c Caches) (steps []process.Step, err error) {
	copies := false
	for _, i := range c.indexed(e.Name) {
		copies = copies || c.Fleet.Caches[i].Push != ""
	}
	if e.Name != "nix" || j.Place.Kind != Lima || !copies {
		return nil, nil
	}
	at := func(does, script string) *process.Step {
		args, fault := j.Place.shell(script)
		err = errors.Join(err, fault)
		steps = append(steps, process.Step{Does: does, Cmd: process.Cmd{Args: args}})
		return &steps[len(steps)-1]
	}
	packed := filepath.Join(j.Work, "store.tar")
	dir := at("Bring what the cache lacks out of "+j.Place.String(), "mktemp -d /tmp/vmloom.XXXXXX")
	dir.Sets, dir.Accept = "PLACE", placeDir
	at("", `nix --extra-experimental-features nix-command copy --to "file://${PLACE}/store?compression=none" ${OUT}`)
	at("", "tar -cf - -C ${PLACE} store").Stdout = packed
	steps = append(steps,
		process.Step{Cmd: process.Cmd{Args: []string{"tar", "-xf", packed, "-C", j.Work}}},
		process.Step{Cmd: process.Cmd{Args: []string{"rm", "-f", packed}}})
	at("Leave nothing behind", "rm -rf ${PLACE}").Cleanup = true
	return steps, err
}

// PushSteps are what Push runs after a build, in order, which has named what it gave where it ran elsewhere; a cache
// that fails keeps none of the others from being tried.
func (e Engine) PushSteps(j *Job, c Caches) (steps []process.Step, err error) {
	if len(c.indexed(e.Name)) == 0 {
		return nil, nil
	}
	if e.Name == "nix" && j.Place.Kind != Local {
		steps, err = e.bringOut(j, c)
	} else {
		steps, err = e.bring(j, c, true)
	}
	for _, i := range c.indexed(e.Name) {
		more, fault := e.pushSteps(j, c.Fleet.Caches[i])
		steps, err = append(steps, more...), errors.Join(err, fault)
	}
	return steps, err
}
