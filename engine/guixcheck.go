package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"vmloom/pattern"
	"vmloom/process"
)

// guixPreflight looks at the profile's modules, at the place, at its guix and
// daemon, and has guix here read the definition.
func guixPreflight(ctx context.Context, j *Job) (out []Finding) {
	for i, module := range j.Profile.Guix.Modules {
		if there, err := exists(filepath.Join(j.Base, filepath.FromSlash(module))); err == nil && !there {
			out = append(out, Finding{true, Failure{
				Cause: "guix.modules: " + module + ": no such file", Hint: "it defines a procedure customize, which gets the system and gives the one to build",
				Field: "guix.modules[" + strconv.Itoa(i) + "]",
			}})
		}
	}
	_, wrong := GuixOwn(j.Profile, j.Base, nil)
	out = append(out, wrong...)
	images := diskFindings(j.imagesDisk(), "for the image")
	for i := range images {
		images[i].Hint = "df -h " + j.imagesDisk() + "; the image is made there"
	}
	out = append(out, guixBuilders(j)...)
	if f := reach(ctx, j.Place); f != nil {
		return append(out, Finding{true, *f})
	}
	version, err := askAt(ctx, j.Place, "guix", "--version")
	switch {
	case notFound(err):
		return append(out, Finding{true, Failure{Cause: "guix: not found at " + j.Place.String(), Hint: guixInstall(j.Profile), Field: field(j)}})
	case err != nil:
		return append(out, Finding{true, Failure{Cause: "guix: does not work at " + j.Place.String() + ": " + lastSaid(err), Hint: "guix --version there shows more", Field: field(j)}})
	}
	// With nothing to read it asks the daemon for nothing: the least that says whether one answers.
	if _, err := askAt(ctx, j.Place, "guix", "archive", "--missing"); err != nil {
		return append(out, Finding{true, *guixAsked(j, err)})
	}
	var store []Finding
	if j.Place.Kind == Local {
		store = diskFindings("/gnu/store", "for what is built")
	}
	for i := range store {
		store[i].Hint = "guix gc -F 20G frees /gnu/store; df -h /gnu/store"
	}
	out = append(slices.Concat(out, images, store), guixArch(ctx, j)...)
	if j.Place.Kind == Local {
		out = append(out, guixUnknownKeys(j, "/etc/guix/acl")...)
	}
	if j.Place.Kind == Local {
		out = append(out, guixDry(ctx, j, version)...)
	}
	return out
}

// guixAsked answers a question that went wrong as if it were a step.
func guixAsked(j *Job, err error) *Failure {
	exit, ok := err.(*process.ExitError)
	if !ok {
		return &Failure{Cause: err.Error(), Hint: "guix archive --missing </dev/null must work there"}
	}
	return guixExplain(j, exit, guixHeard(exit), "")
}

// guixArch warns of a guest for another processor.
func guixArch(ctx context.Context, j *Job) []Finding {
	machine, err := askAt(ctx, j.Place, "uname", "-m")
	if machine = strings.TrimSpace(machine); err != nil || machine == j.Profile.Guest.Arch {
		return nil
	}
	return []Finding{{false, Failure{
		Cause: fmt.Sprintf("guest.arch: %s is built on %s by emulation or on another machine, and not at all without either", j.Profile.Guest.Arch, machine),
		Hint:  "guix offload test shows the machines of /etc/guix/machines.scm; on Guix System qemu-binfmt-service-type emulates", Field: "guest.arch",
	}}}
}

var guixVersion = pattern.New(`^guix \(GNU Guix\) (\S+)`)

// guixPinned reports whether a guix is the one that the channels pin: by its
// release, or, where guix pull made it, by its commit. With further channels it is not.
func guixPinned(version string, j *Job) bool {
	m := guixVersion().FindStringSubmatch(version)
	if m == nil {
		return false
	}
	channels := j.Profile.Guix.Channels
	if len(channels) == 0 {
		return m[1] == j.Profile.Guix.Version || strings.HasPrefix(m[1], j.Profile.Guix.Version+".")
	}
	return len(channels) == 1 && channels[0].Name == "guix" && channels[0].Commit == m[1]
}

// guixDryTime bounds the dry run, which takes seconds; longer is no reason to wait.
const guixDryTime = 2 * time.Minute

// guixDry has guix here read the definition and name what it would build: a fault in it shows before anything is
// downloaded. One that is not the pinned one is believed of the user's own modules alone, and of these it only warns.
func guixDry(ctx context.Context, j *Job, version string) []Finding {
	pinned := guixPinned(version, j)
	if !pinned && len(j.Profile.Guix.Modules) == 0 {
		return nil
	}
	release, err := j.turn(ctx)
	if err != nil {
		return nil // cut off
	}
	defer release()
	ctx, cancel := context.WithTimeoutCause(ctx, guixDryTime, fmt.Errorf("no answer within %s", guixDryTime))
	defer cancel()
	words := guixImage(j, filepath.Join(j.Base, filepath.FromSlash(guixDir(j.Profile))), "-d", "--no-grafts", "--no-substitutes")
	// The words without time-machine, which would download.
	words = append([]string{"guix"}, words[len(guixWords("")):]...)
	err = process.Run(ctx, process.Cmd{Args: words, Env: guixEnv}, nil, nil)
	exit, ok := err.(*process.ExitError)
	switch {
	case !ok || exit.Err != nil || exit.Signal != 0:
		return nil
	case pinned:
		return []Finding{{true, *guixAsked(j, err)}}
	}
	f := firstOf(guixModules(j), guixHeard(exit).speech.culprit())
	if f == nil {
		return nil
	}
	f.Cause = "guix here, which is not the pinned one, stops at " + f.Cause
	f.Hint += "; where it is meant for the pinned guix alone, all is well"
	return []Finding{{false, *f}}
}

// guixHeard is what was said last by a guix that failed.
func guixHeard(exit *process.ExitError) *guixParser {
	heard := &guixParser{}
	for _, line := range exit.Last {
		heard.line(line)
	}
	return heard
}
