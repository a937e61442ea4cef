package engine

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
	"vmloom/quote"
)

// What guix answers: the last line of its output, since a system definition may
// print as well. No character of it is special to a shell.
const (
	guixItem = `^/gnu/store/[0-9a-z]{32}-[A-Za-z0-9+._-]+$`
	guixDrv  = `^/gnu/store/[0-9a-z]{32}-[A-Za-z0-9+._-]+\.drv$`
)

// guixEnv keeps messages in English, whatever the user's language.
var guixEnv = []string{"LC_ALL=C.UTF-8", "LANGUAGE=en"}

// guixWords is a call of the guix that the channels pin; dir holds the definition.
func guixWords(dir string, args ...string) []string {
	return append([]string{"guix", "time-machine", "-C", path.Join(dir, "channels.scm"), "--"}, args...)
}

// GuixServers are those that ready-made packages come from, where the profile names any beside Guix'
// own; empty: none, so that the daemon's own setting holds.
func GuixServers(p *profile.Profile) string {
	if len(p.Guix.Substitutes) == 0 {
		return ""
	}
	var urls []string
	for _, s := range p.Guix.Substitutes {
		urls = append(urls, s.URL)
	}
	return strings.Join(append(urls, "https://bordeaux.guix.gnu.org", "https://ci.guix.gnu.org"), " ")
}

// guixImage are the words that make the image, or with -d its derivation.
// scripts/NAME-create.sh says the same.
func guixImage(j *Job, dir string, more ...string) []string {
	p := j.Profile
	args := []string{"system", "image", "--system=" + guixSystem(p), "-t", GuixImageType(p), "--image-size=" + p.Resources.Disk.String()}
	if servers := GuixServers(p); servers != "" && !slices.Contains(more, "--no-substitutes") {
		args = append(args, "--substitute-urls="+servers)
	}
	return guixWords(dir, append(append(args, more...), path.Join(dir, guixFile(p)))...)
}

// guixMake are the words that build a derivation.
func guixMake(j *Job, dir string, more ...string) []string {
	args := []string{"build"}
	if servers := GuixServers(j.Profile); servers != "" {
		args = append(args, "--substitute-urls="+servers)
	}
	return guixWords(dir, append(args, more...)...)
}

func guixPlan(j *Job) ([]process.Step, error) { return guixSteps(j, wholeBuild) }

// guixNames asks which derivation makes the image, and makes none.
func guixNames(j *Job) ([]process.Step, error) { return guixSteps(j, nameOnly) }

func guixSteps(j *Job, todo errand) ([]process.Step, error) {
	if j.Place.Kind == Local {
		return guixHere(j, todo), nil
	}
	return guixAway(j, todo)
}

const (
	guixDoesName  = "Ask which derivation makes the image; the first time this makes the pinned guix, too"
	guixDoesOnce  = "Make the image"
	guixDoesTwice = "Make it once more and compare"
	guixDoesTake  = "Take the image out"
)

// guixHere builds on this machine, or on those that its daemon offloads to. The definition is read once: for the
// derivation, which then is built.
func guixHere(j *Job, todo errand) []process.Step {
	dir := filepath.Join(j.Base, filepath.FromSlash(guixDir(j.Profile)))
	guix := func(does string, words []string) process.Step {
		return process.Step{Does: does, Cmd: process.Cmd{Args: words, Env: guixEnv}, Evaluates: true}
	}
	drv := guix(guixDoesName, guixImage(j, dir, "-d"))
	drv.Sets, drv.Accept = "DRV", guixDrv
	switch {
	case todo == nameOnly:
		return []process.Step{drv}
	case j.Check:
		return []process.Step{
			drv,
			guix(guixDoesOnce, guixMake(j, dir, "${DRV}")),
			guix(guixDoesTwice, guixMake(j, dir, "--check", "${DRV}")),
		}
	}
	// The link keeps the image from guix's collector of garbage. Guix makes an image and
	// fails then where the link is there, but the directory is new.
	root := filepath.Join(j.Work, "image")
	image := guix(guixDoesOnce, guixMake(j, dir, "-v1", "-r", root, "${DRV}"))
	image.Sets, image.Accept = "IMAGE", guixItem
	return []process.Step{
		drv,
		image,
		{Does: guixDoesTake, Cmd: process.Cmd{Args: []string{"cp", "${IMAGE}", j.Image}}},
		{Does: "Let go of it in the store", Cmd: process.Cmd{Args: []string{"rm", "-f", root}}, Cleanup: true},
	}
}

// guixAway sends the definition to a place and has everything done there. A daemon
// of elsewhere (GUIX_DAEMON_SOCKET=ssh://…) would not do: time-machine runs the
// guix that it has built from this machine's store.
func guixAway(j *Job, todo errand) (steps []process.Step, err error) {
	add := func(s process.Step) { steps = append(steps, s) }
	at := func(does, script string) process.Step {
		words, e := j.Place.shell(script)
		err = errors.Join(err, e)
		return process.Step{Does: does, Cmd: process.Cmd{Args: words, Stdin: "/dev/null"}}
	}
	root, files := guixTree(j)
	inside, e := quote.Sh(path.Join(files[0], ".."))
	err = errors.Join(err, e)
	dir := "${DIR}/" + inside
	guix := func(does string, words []string) process.Step {
		for i, w := range words {
			if !strings.HasPrefix(w, "${DIR}/") && w != "${DRV}" {
				var e error
				words[i], e = quote.Sh(w)
				err = errors.Join(err, e)
			}
		}
		s := at(does, "export "+strings.Join(guixEnv, " ")+"; "+watched(strings.Join(words, " "), "${DIR}"))
		s.Evaluates = true
		return s
	}

	packed := filepath.Join(j.Work, "inputs.tar")
	// -h: a module may be a link to anywhere. The variable keeps a Mac's tar from adding files of its own.
	add(process.Step{Does: "Send the definition to " + j.Place.String(), Cmd: process.Cmd{Args: append([]string{"tar", "-chf", packed, "-C", root}, files...), Env: []string{"COPYFILE_DISABLE=1"}}})
	there := at("", "mktemp -d /tmp/vmloom.XXXXXX")
	there.Sets, there.Accept = "DIR", placeDir
	add(there)
	unpack := at("", "tar -xf - -C ${DIR}")
	unpack.Stdin = packed
	add(unpack)
	drv := guix(guixDoesName, guixImage(j, dir, "-d"))
	drv.Sets, drv.Accept = "DRV", guixDrv
	add(drv)
	switch {
	case todo == nameOnly:
	case j.Check:
		add(guix(guixDoesOnce, guixMake(j, dir, "${DRV}")))
		add(guix(guixDoesTwice, guixMake(j, dir, "--check", "${DRV}")))
	default:
		image := guix(guixDoesOnce, guixMake(j, dir, "-v1", "-r", "${DIR}/image", "${DRV}"))
		image.Sets, image.Accept = "IMAGE", guixItem
		add(image)
		take := at(guixDoesTake, "cat ${IMAGE}")
		take.Stdout = j.Image
		add(take)
	}
	last := at("Leave nothing behind", "rm -rf ${DIR}")
	last.Cleanup = true
	add(last)
	return steps, err
}

// guixTree is the directory that holds the definition and the user's files that
// it reads, which may lie above the profile, and the files relative to it.
func guixTree(j *Job) (root string, files []string) {
	root = j.Base
	inputs := append(guixInputs(j.Profile), guixFound(j)...)
	for up := 0; ; up++ {
		above := strings.Repeat("../", up+1)
		deeper := false
		for _, f := range inputs {
			deeper = deeper || strings.HasPrefix(f, above)
		}
		if !deeper {
			break
		}
		root = filepath.Dir(root)
	}
	for _, f := range inputs {
		rel, err := filepath.Rel(root, filepath.Join(j.Base, filepath.FromSlash(f)))
		if err != nil { // both are absolute
			rel = f
		}
		files = append(files, "./"+filepath.ToSlash(rel))
	}
	return root, files
}
