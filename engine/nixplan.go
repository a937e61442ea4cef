package engine

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
	"vmloom/quote"
)

// nixFlake is the flake of a job on its way to a place.
type nixFlake struct {
	*Job
	dir   string   // where it is staged
	image string   // the image's file in what the build gives
	lock  string   // flake.lock beside the generated flake: the user's file
	root  string   // of the flake: the profile's directory, or one above it
	made  string   // the generated files, below root
	own   bool     // the flake reads files of the user's
	files []string // these, from the profile's directory on
}

// nixPlan stages the flake, pins its inputs, builds, and takes the image out.
// Beside the profile's files it asks PATH for nix: an SSH place is given
// derivations from here, or all the work where there is no nix here.
func nixPlan(j *Job) ([]process.Step, error) { return nixSteps(j, wholeBuild) }

// nixNames stages the flake and asks which derivation makes the image, and makes none.
func nixNames(j *Job) ([]process.Step, error) { return nixSteps(j, nameOnly) }

func nixSteps(j *Job, todo errand) ([]process.Step, error) {
	own, wrong := NixOwn(j.Profile, j.Base, nil)
	if len(wrong) > 0 {
		return nil, &wrong[0].Failure
	}
	f, err := newNixFlake(j)
	if err != nil {
		return nil, err
	}
	f.files = own
	locked, err := exists(f.lock)
	switch {
	case err != nil:
		return nil, err
	case j.Locked && !locked:
		return nil, nixUnlocked()
	}
	steps := f.stage(locked)
	_, err = exec.LookPath("nix")
	reads := j.Place.Kind == Local || j.Place.Kind == SSH && err == nil // nix here reads the flake
	switch {
	case reads && todo == nameOnly:
		return append(steps, f.name()...), nil
	case j.Place.Kind == Local:
		return append(steps, f.here()...), nil
	case reads:
		there, err := f.remoteStore()
		return append(steps, there...), err
	}
	there, err := f.away(todo)
	return append(steps, there...), err
}

func newNixFlake(j *Job) (*nixFlake, error) {
	root := filepath.Join(j.Base, filepath.FromSlash(j.Profile.Nix.Root))
	below, err := filepath.Rel(root, j.Base)
	if err != nil || root == "/" && below != "." {
		return nil, &Failure{Cause: "nix.root: " + j.Profile.Nix.Root + ": there is no such directory above the profile", Field: "nix.root"}
	}
	return &nixFlake{
		Job: j, dir: filepath.Join(j.Work, "flake"), image: j.Profile.Name + ".qcow2",
		lock: filepath.Join(j.Base, nixLock(j.Profile)),
		root: root, made: filepath.Join(below, j.Profile.FilesDir()), own: j.Profile.HasOwnNix(),
	}, nil
}

func exists(file string) (bool, error) {
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// stage copies what the flake needs below the work directory: nix copies the
// whole directory of a flake into its store, and images lie beside the profile.
// With files of the user's the flake's root is nix.root of the profile, by a link that
// reaches the generated flake.nix. The lock is copied there, since nix reads none through a link.
func (f *nixFlake) stage(locked bool) []process.Step {
	from, files := filepath.Join(f.root, f.made), nixGenerated(f.Profile)
	if f.own {
		from, files = f.root, nil
		for _, name := range nixGenerated(f.Profile) {
			files = append(files, "./"+filepath.Join(f.made, name))
		}
		for _, name := range f.files {
			if rel, err := filepath.Rel(f.root, filepath.Join(f.Base, name)); err == nil {
				files = append(files, "./"+rel)
			}
		}
		slices.Sort(files)
	}
	packed := filepath.Join(f.Work, "inputs.tar")
	steps := []process.Step{
		{Does: "Stage the flake", Cmd: process.Cmd{Args: []string{"mkdir", "-p", f.dir}}},
		// -h: a module may be a link to anywhere. The variable keeps a Mac's tar from adding files of its own.
		{Cmd: process.Cmd{Args: append([]string{"tar", "-chf", packed, "-C", from}, files...), Env: []string{"COPYFILE_DISABLE=1"}}},
		{Cmd: process.Cmd{Args: []string{"tar", "-xf", packed, "-C", f.dir}}},
	}
	if f.own {
		steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"ln", "-sf", filepath.Join(f.made, "flake.nix"), filepath.Join(f.dir, "flake.nix")}}})
	}
	if locked {
		steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"cp", f.lock, filepath.Join(f.dir, "flake.lock")}}})
	}
	return steps
}

// nix is a call of nix in the staged flake, with messages in English.
func (f *nixFlake) nix(does string, args ...string) process.Step {
	return process.Step{Does: does, Cmd: process.Cmd{Args: nixArgs(args...), Dir: f.dir, Env: []string{"LC_ALL=C"}}, Evaluates: evaluates(args)}
}

// evaluates reports whether words of nix have it read the flake's system, which locking does not.
func evaluates(args []string) bool { return args[0] == "build" || args[0] == "eval" }

// buildArgs are the words of a build. Pinning is done by then. -L would put an
// end to internal-json.
func (f *nixFlake) buildArgs(more ...string) []string {
	args := append([]string{"build", nixAttr(f.Profile), "--no-update-lock-file"}, NixCaches(f.Profile)...)
	return append(append(args, more...), "--json", "--log-format", "internal-json")
}

// NixCaches are words of nix that have it ask the profile's binary caches as well; a daemon takes them from users that it trusts.
func NixCaches(p *profile.Profile) (words []string) {
	if urls := p.Nix.Substituters; len(urls) > 0 {
		words = append(words, "--option", "extra-substituters", strings.Join(urls, " "))
	}
	if keys := p.Nix.TrustedPublicKeys; len(keys) > 0 {
		words = append(words, "--option", "extra-trusted-public-keys", strings.Join(keys, " "))
	}
	return words
}

const (
	doesName  = "Ask which derivation makes the image"
	doesPin   = "Pin the inputs that flake.lock does not pin yet"
	doesBuild = "Build the image"
	doesCheck = "Build it once more and compare"
	doesTake  = "Take the image out"
)

// keepLock brings a flake.lock that has grown back to where the user keeps it. What grows of a local file is not everybody's.
func (f *nixFlake) keepLock(grown string) []process.Step {
	if f.Profile.HasLocal() {
		return nil
	}
	const script = `cmp -s "$1" "$2" || { test -s "$1" && cp "$1" "$2.new" && mv "$2.new" "$2" && echo "$2 has new pins: commit it" >&2; }`
	return []process.Step{{Does: "Keep what was pinned", Cmd: process.Cmd{Args: []string{"sh", "-c", script, "sh", grown, f.lock}}}}
}

// locks pins here what the staged lock does not.
func (f *nixFlake) locks() []process.Step {
	return append([]process.Step{f.nix(doesPin, "flake", "lock", "path:.")}, f.keepLock(filepath.Join(f.dir, "flake.lock"))...)
}

// name asks nix here, and only it.
func (f *nixFlake) name() (steps []process.Step) {
	if !f.Locked {
		steps = append(steps, f.locks()...)
	}
	drv := f.nix(doesName, f.nameArgs()...)
	drv.Sets, drv.Accept = "DRV", storePath
	return append(steps, drv)
}

func (f *nixFlake) nameArgs() []string {
	return []string{"eval", "--raw", nixAttr(f.Profile) + ".drvPath", "--no-update-lock-file"}
}

// here builds on this machine, or on those that its nix hands builds to.
func (f *nixFlake) here() (steps []process.Step) {
	if !f.Locked {
		steps = append(steps, f.locks()...)
	}
	result := filepath.Join(f.Work, "result")
	copies, words, env := f.handOut()
	build := func(does string, more ...string) process.Step {
		s := f.nix(does, f.buildArgs(append(more, words...)...)...)
		s.Env = append(s.Env, env...)
		return s
	}
	steps = append(append(steps, copies...), build(doesBuild, "--out-link", result))
	if f.Check {
		return append(steps, build(doesCheck, "--rebuild", "--no-link"))
	}
	return append(steps, process.Step{Does: doesTake, Cmd: process.Cmd{Args: []string{"cp", filepath.Join(result, f.image), f.Image}}})
}

// storePath is what nix may answer, and what goes into a command: no character is special to a shell.
const storePath = `^/[A-Za-z0-9._+/-]*/[0-9a-z]{32}-[A-Za-z0-9._+-]+$`

// remoteStore evaluates here and builds in the store of another machine.
func (f *nixFlake) remoteStore() (steps []process.Step, err error) {
	host, _ := f.Place.address()
	in := func(s process.Step) process.Step {
		s.Env = append(s.Env, "NIX_SSHOPTS="+f.Place.sshFlags())
		return s
	}
	store := []string{"--store", "ssh-ng://" + host, "--eval-store", "auto", "--no-link"}
	if !f.Locked {
		steps = append(steps, f.locks()...)
	}
	steps = append(steps, in(f.nix(doesBuild, f.buildArgs(store...)...)))
	if f.Check {
		return append(steps, in(f.nix(doesCheck, f.buildArgs(append([]string{"--rebuild"}, store...)...)...))), nil
	}
	out := f.nix("Ask where the image is", "eval", "--raw", nixAttr(f.Profile)+".outPath", "--no-update-lock-file")
	out.Sets, out.Accept = "OUT", storePath
	cat, err := f.Place.shell("cat ${OUT}/" + f.image)
	return append(steps, out, process.Step{Does: doesTake, Cmd: process.Cmd{Args: cat, Stdout: f.Image}}), err
}

// errand is what is done away from here.
type errand int

const (
	wholeBuild errand = iota
	lockOnly
	nameOnly
)

// away sends the flake to a place and has everything done there.
func (f *nixFlake) away(todo errand) ([]process.Step, error) {
	var steps []process.Step
	var problem error
	at := func(does, script string) *process.Step {
		args, err := f.Place.shell(script)
		problem = errors.Join(problem, err)
		steps = append(steps, process.Step{Does: does, Cmd: process.Cmd{Args: args}})
		return &steps[len(steps)-1]
	}
	nix := func(does string, args ...string) *process.Step {
		words, err := quote.Sh(nixArgs(args...))
		problem = errors.Join(problem, err)
		step := at(does, "cd ${DIR}/flake || exit; export LC_ALL=C; "+watched(words, "${DIR}"))
		step.Evaluates = evaluates(args)
		return step
	}
	packed := filepath.Join(f.Work, "flake.tar")
	steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"tar", "-cf", packed, "-C", f.dir, "."}, Env: []string{"COPYFILE_DISABLE=1"}}})
	dir := at("Send it to "+f.Place.String(), "mktemp -d /tmp/vmloom.XXXXXX")
	dir.Sets, dir.Accept = "DIR", placeDir
	at("", "mkdir ${DIR}/flake && tar -xf - -C ${DIR}/flake").Stdin = packed
	if !f.Locked {
		nix(doesPin, "flake", "lock", "path:.")
		grown := filepath.Join(f.Work, "flake.lock")
		at("", "cat ${DIR}/flake/flake.lock").Stdout = grown
		steps = append(steps, f.keepLock(grown)...)
	}
	switch todo {
	case wholeBuild:
		nix(doesBuild, f.buildArgs("--out-link", "../result")...)
	case nameOnly:
		drv := nix(doesName, f.nameArgs()...)
		drv.Sets, drv.Accept = "DRV", storePath
	}
	switch {
	case todo != wholeBuild:
	case f.Check:
		nix(doesCheck, f.buildArgs("--rebuild", "--no-link")...)
	default:
		out := at("Ask where the image is", "readlink ${DIR}/result")
		out.Sets, out.Accept = "OUT", storePath
		at(doesTake, "cat ${OUT}/"+f.image).Stdout = f.Image
	}
	at("Leave nothing behind", "rm -rf ${DIR}").Cleanup = true
	return steps, problem
}
