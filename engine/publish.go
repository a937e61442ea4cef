package engine

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
)

// publishes reports whether the fleet has a place where everybody finds its images.
func (c Caches) publishes() bool { return c.Fleet != nil && len(c.Fleet.Images.PushBy) > 0 }

// readyToPublish looks, before any work, at what would keep an image from getting there.
func (c Caches) readyToPublish(j *Job) *Failure {
	to := c.Fleet.Images
	if j.Profile.HasLocal() {
		return &Failure{Cause: "--push: the local file has a part in the image, which is this machine's alone", Hint: "leave --push out"}
	}
	if to.SecretKey != "" {
		why, hint := keyFileFault(to.SecretKey)
		if why == noKeyFile {
			hint = "minisign -G -W -s " + to.SecretKey + " makes one, and says what goes into key"
		}
		if why != "" {
			return c.faultAt("images.secretKey", why, hint)
		}
		if _, err := exec.LookPath("minisign"); err != nil {
			return c.faultAt("images.secretKey", "minisign, which signs images with it, is not there", "install it: apt, dnf, pacman, brew and nix have a package minisign")
		}
	}
	if _, err := exec.LookPath(to.PushBy[0]); err != nil {
		return c.faultAt("images.pushBy", to.PushBy[0]+": not found", "install it, or name its path")
	}
	return nil
}

// publishedName is what an image of such a digest is called where everybody finds it: branches have others.
func publishedName(key, sha256 string) string { return key + "-" + sha256[:16] + ".qcow2" }

// publishSteps sign an image and bring it to where everybody finds it.
func (c Caches) publishSteps(j *Job, image, sha256 string) (steps []process.Step) {
	to, key := c.Fleet.Images, Key(j.Profile)
	if to.SecretKey != "" {
		steps = append(steps, process.Step{Does: "Sign the image", Cmd: process.Cmd{Stdin: "/dev/null", Args: []string{
			"minisign", "-S", "-H", "-s", to.SecretKey, "-m", image, "-x", signatureFile(j), "-t", trustedComment(key, sha256),
		}}})
	}
	words := process.Cmd{}
	fill := strings.NewReplacer("{image}", image, "{name}", publishedName(key, sha256))
	for _, word := range to.PushBy {
		words.Args = append(words.Args, fill.Replace(word))
	}
	return append(steps, process.Step{Does: "Bring it to " + to.URL, Cmd: words})
}

func signatureFile(j *Job) string { return filepath.Join(j.Work, "image.minisig") }

// Publish signs the image of a record, brings it to where everybody finds it, and notes that in its lock.
func (e Engine) Publish(ctx context.Context, j *Job, c Caches, r Record, watch func(Progress)) (Record, error) {
	if !c.publishes() {
		return r, nil
	}
	e.explain = explainPublish
	to := c.Fleet.Images
	steps := c.publishSteps(j, filepath.Join(j.Base, filepath.FromSlash(r.File)), r.SHA256)
	known := map[string]string{}
	r.URL, r.Signature = strings.TrimSuffix(to.URL, "/")+"/"+publishedName(Key(j.Profile), r.SHA256), ""
	if to.SecretKey != "" {
		if _, err := e.carryOut(ctx, j, steps[:1], known, watch); err != nil {
			return r, err
		}
		text, err := atomic.Read(signatureFile(j), atomic.Most)
		if err != nil {
			return r, err
		}
		r.Signature, steps = string(text), steps[1:]
		if err := verifySignature(to.Key, Key(j.Profile), r); err != nil {
			return r, c.faultAt("images.secretKey", "what it has signed "+err.Error(), "key is the last line of its .pub file; minisign -R -s "+to.SecretKey+" writes that anew")
		}
	}
	if _, err := e.carryOut(ctx, j, steps, known, watch); err != nil {
		f := asFailure(err)
		f.Cause = to.URL + ": " + f.Cause
		return r, f
	}
	return r, rewrite(context.WithoutCancel(ctx), j.Base, j.Profile, func(there *Record) *Record {
		if there == nil || there.SHA256 != r.SHA256 {
			return there // another was built meanwhile
		}
		return &r
	})
}

func explainPublish(j *Job, exit *process.ExitError, p parser, said string) *Failure {
	f := explainPush(j, exit, p, said)
	if strings.Contains(said, "get_password()") {
		f.Cause, f.Hint = "minisign: the key has a password, and nobody is there to type it", "minisign -C -W -s FILE takes the password off a copy of it"
	}
	return f
}
