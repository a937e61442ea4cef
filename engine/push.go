package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// Caches are those of a fleet that what is built is copied to; the zero value is none.
type Caches struct {
	// Fleet names them.
	Fleet *profile.Fleet
	// File is its path as the user would write it.
	File string
}

// indexed are the caches that take what an engine builds, by their place in the fleet's file.
func (c Caches) indexed(engine string) (out []int) {
	if c.Fleet == nil {
		return nil
	}
	for i, one := range c.Fleet.Caches {
		nix := one.Push != "" || len(one.PushBy) > 0 && one.Key != ""
		guix := len(one.PushBy) > 0 && one.GuixKey != ""
		if engine == "nix" && nix || engine == "guix" && guix {
			out = append(out, i)
		}
	}
	return out
}

// Any reports whether what the engine builds goes anywhere.
func (c Caches) Any(engine string) bool { return len(c.indexed(engine)) > 0 || c.publishes() }

// fault is what is wrong with a field of a cache, with its place.
func (c Caches) fault(i int, field, why, hint string) *Failure {
	return c.faultAt(fmt.Sprintf("caches[%d].%s", i, field), why, hint)
}

func (c Caches) faultAt(field, why, hint string) *Failure {
	p := c.Fleet.ProblemAt(field, why)
	return &Failure{Cause: fmt.Sprintf("%s:%d:%d: %s: %s", c.File, p.Line, p.Col, p.Path, why), Hint: hint}
}

// Ready looks, before any work, at what would keep a job's image from being pushed when it is built.
func (c Caches) Ready(ctx context.Context, e Engine, j *Job) *Failure {
	if c.publishes() {
		if f := c.readyToPublish(j); f != nil {
			return f
		}
	}
	for _, i := range c.indexed(e.Name) {
		one := c.Fleet.Caches[i]
		if f := c.readyAway(ctx, e, j, i); f != nil {
			return f
		}
		if one.SecretKey != "" && e.Name == "nix" {
			if why, hint := secretFault(one); why != "" {
				return c.fault(i, "secretKey", why, hint)
			}
		}
		if len(one.PushBy) == 0 || j.Place.Kind != Local {
			continue
		}
		if _, err := exec.LookPath(one.PushBy[0]); err != nil {
			return c.fault(i, "pushBy", one.PushBy[0]+": not found", "install it, or name its path")
		}
	}
	return nil
}

// secretFault says what is wrong with the key that a cache's paths are signed with; empty: nothing.
func secretFault(c profile.Cache) (why, hint string) {
	if why, hint = keyFileFault(c.SecretKey); why != "" {
		if why == noKeyFile {
			name, _, _ := strings.Cut(c.Key, ":")
			hint = "(umask 077; nix key generate-secret --key-name " + name + " > " + c.SecretKey + ") makes one; nix key convert-secret-to-public < " + c.SecretKey + " gives what goes into key"
		}
		return why, hint
	}
	text, err := atomic.Read(c.SecretKey, atomic.Most)
	if err != nil {
		return err.Error(), ""
	}
	name, secret, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	raw, err := base64.StdEncoding.DecodeString(secret)
	if !ok || err != nil || len(raw) != 64 {
		return c.SecretKey + " is no secret key of nix", "nix key generate-secret makes one"
	}
	if public := name + ":" + base64.StdEncoding.EncodeToString(raw[32:]); c.Key != "" && public != c.Key {
		return "is not the other half of key: nobody would take what it signs", "its public half is " + public
	}
	return "", ""
}

const noKeyFile = "there is no such file"

// keyFileFault says why a file with a secret key is not one to sign with; empty: nothing.
func keyFileFault(file string) (why, hint string) {
	var info unix.Stat_t
	switch err := unix.Stat(file, &info); {
	case errors.Is(err, fs.ErrNotExist):
		return noKeyFile, ""
	case err == nil && info.Mode&0o077 != 0:
		return fmt.Sprintf("others may read it (mode %#o)", info.Mode&0o777), "chmod 600 " + file + "; who may have read it can sign in your name: a new key is safer"
	case err == nil && unix.Access(file, unix.R_OK) == nil:
		return "", ""
	}
	return "you may not read it", "name a key of your own; what nix's daemon signs, as root, is generated/fleet/nix/push.sh's affair"
}

// Push signs what a derivation gave and copies it to the caches. Fresh tells that the job's build has just run. The
// error tells of each cache that did not take it.
func (e Engine) Push(ctx context.Context, j *Job, c Caches, drv string, fresh bool, watch func(Progress)) error {
	if len(c.indexed(e.Name)) == 0 {
		return nil
	}
	known := map[string]string{drvVariable: drv}
	e.explain = explainPush
	steps, err := e.bring(j, c, fresh)
	if err != nil {
		return err
	}
	if known, err = e.carryOut(ctx, j, steps, known, watch); err != nil {
		return err
	}
	var failed *Failure
	for _, i := range c.indexed(e.Name) {
		one := c.Fleet.Caches[i]
		steps, err := e.pushSteps(j, one)
		if err == nil {
			_, err = e.carryOut(ctx, j, steps, known, watch)
		}
		if cut := context.Cause(ctx); cut != nil {
			return cut
		}
		if err == nil {
			continue
		}
		f := asFailure(err)
		f.Cause = one.URL + ": " + f.Cause
		if failed != nil {
			f.Cause = failed.Cause + "; " + f.Cause
		}
		failed = f
	}
	if failed == nil {
		return nil
	}
	return failed
}

// explainPush has the tool's own last error speak.
func explainPush(_ *Job, exit *process.ExitError, _ parser, said string) *Failure {
	f := &Failure{Cause: exit.Error(), Err: exit}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for i := len(lines) - 2; i >= 0; i-- { // the last is exit.Error
		if last := plain(lines[i]); strings.TrimSpace(last) != "" {
			f.Cause = process.Short(exit.Cmd.Args[0] + ": " + oneLine(strings.TrimPrefix(strings.TrimSpace(last), "error: ")))
			break
		}
	}
	switch {
	case strings.Contains(f.Cause, ".drv' is not valid"), strings.Contains(f.Cause, "don't know how to build"):
		f.Cause = "the store has no longer what the image was built from"
		f.Hint = "vmloom build-image --force --push builds it again"
	case strings.Contains(said, "lacks a valid signature"), strings.Contains(said, "lacks a signature by a trusted key"):
		f.Hint = "caches[].secretKey names the key that signs what is pushed"
	}
	return f
}
