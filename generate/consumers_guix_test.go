package generate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"

	"github.com/google/go-cmp/cmp"
)

// guixQuestion is one of those that testdata/guix/ask.scm answers.
type guixQuestion struct {
	Words  []string `json:"words,omitempty"`
	System string   `json:"system,omitempty"`
}

// guixAnswer is what it answers: a command's words and status, or a system's fields.
type guixAnswer struct {
	Out    string
	Status int
	Said   string `json:"-"` // on stderr
	guixFields
}

// guixFields are an operating-system's, as Guix itself has them.
type guixFields struct {
	HostName, Timezone, Locale, Sudoers string
	KernelArguments, BootTargets        []string
	Users                               []guixUser
	FileSystems                         []guixFileSystem
	Packages, Services, Keys            []string
	Passwords                           bool
	Env                                 map[string]string
	AtBoot, Channels                    []string
	Servers, Trusted                    []string
}

type guixUser struct {
	Name   string
	UID    int
	Home   string
	Shell  string
	Groups []string
}

type guixFileSystem struct {
	MountPoint, Device, Type, Options string
	ReadOnly, MayFail                 bool
}

// askGuix has the real Guix answer all questions in one process; dir is its /work.
func askGuix(t *testing.T, dir string, questions []guixQuestion) []guixAnswer {
	t.Helper()
	guix, _ := tooltest.Guix(t)
	text, err := json.Marshal(questions)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "questions.json"), text, 0o644))
	script, err := os.ReadFile("../testdata/guix/ask.scm")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "ask.scm"), script, 0o644))
	cmd := guix.Guix(dir, "guix", "repl", "ask.scm", "questions.json")
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	said := talk.String()
	if err != nil {
		t.Fatalf("guix repl: %v\n%s", err, said[max(0, len(said)-4000):])
	}
	var answers []guixAnswer
	d := json.NewDecoder(strings.NewReader(string(out)))
	for range questions {
		var a guixAnswer
		must(t, d.Decode(&a))
		answers = append(answers, a)
	}
	parts := strings.Split(said, "\n== ")
	if len(parts) != len(questions)+1 {
		t.Fatalf("guix repl: speaks of %d questions of %d:\n%s", len(parts)-1, len(questions), said)
	}
	for i := range answers {
		answers[i].Said = parts[i+1]
	}
	return answers
}

// guixKind is a golden's definition for one processor, written where the chroot sees it.
type guixKind struct {
	*profile.Profile        // on that processor
	base             string // the profile's directory, in the chroot
}

// guixKinds are the goldens that make a Guix system, for both processors: all of them with
// VMLOOM_FULL=1, else the one with every field for both and the example for its own.
func guixKinds(t *testing.T, dir string) (out []guixKind) {
	for _, file := range tooltest.Goldens(t) {
		name := nameOf(t, file)
		for _, arch := range []string{"x86_64", "aarch64"} {
			p, err := load(file)
			must(t, err)
			every := p.Guest.ArchOfHost() // one file of each is asked for where the other is the machine's
			sample := every && arch == "aarch64" || strings.HasSuffix(name, "/guix-linux") || strings.HasSuffix(name, "/dev-vm") && arch == p.Guest.Arch
			// Guix 1.5 makes an image for 1.4 on x86_64 alone: its type qcow2 has changed.
			if p.System().SetUp != profile.ByGuix || !sample && !tooltest.Full() || p.Guix.Version == "1.4" && arch != p.Guest.Arch {
				continue
			}
			base := p.Name + "-" + arch + "/vm"
			if !every {
				p.Guest.Arch = arch
			}
			writeGuixKind(t, p, filepath.Dir(file), filepath.Join(dir, base))
			p = p.OnArch(arch)
			out = append(out, guixKind{p, "/work/" + base})
		}
	}
	// The first question that names a package has Guix read those of the load path: once in a process.
	slices.SortStableFunc(out, func(a, b guixKind) int { return len(b.Guix.LoadPath) - len(a.Guix.LoadPath) })
	if len(out) < 4 { // both processors, the example, and one that has its host's
		t.Fatalf("only %d definitions of Guix among the goldens", len(out))
	}
	return out
}

// writeGuixKind writes what the profile makes and names; its own files are those beside it, where they are there.
func writeGuixKind(t *testing.T, p *profile.Profile, of, base string) {
	files, err := generate.Files(p, nil)
	must(t, err)
	write := func(file, text string) {
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(text), 0o644))
	}
	for _, f := range files {
		write(filepath.Join(base, "generated", p.Name, f.Path), string(f.Data))
	}
	theirs := func(file, text string) {
		if own, err := os.ReadFile(filepath.Join(of, file)); err == nil {
			text = string(own)
		}
		if file != "" {
			write(filepath.Join(base, file), text)
		}
	}
	for _, module := range p.Guix.Modules {
		text := "(define (customize system) system)\n"
		for i := range p.Guix.LoadPath { // a module and a package of the load path
			text = fmt.Sprintf("(use-modules (ours-%d))\n(unless (eq? ours-%d (specification->package \"ours-%d\")) (error \"another package\"))\n", i, i, i) + text
		}
		theirs(module, text)
	}
	for i, dir := range p.Guix.LoadPath {
		write(filepath.Join(base, dir, fmt.Sprintf("ours-%d.scm", i)), fmt.Sprintf(guixOwnModule, i))
	}
	for _, s := range p.Guix.Substitutes {
		if s.KeyFile() != "" {
			theirs(s.KeyFile(), guixOwnKey)
		}
	}
	if file := p.Guix.Channels.File(); file != "" {
		theirs(file, guixOwnChannels)
		theirs(filepath.Join(filepath.Dir(file), "pins", "more.scm"), guixMoreChannels)
	}
	theirs(p.Guix.Project, "(@ (gnu packages base) hello)\n")
	theirs(p.Guix.Manifest, `(specifications->manifest (list "hello"))`+"\n")
}

// definition is the file of the system: one for the processor where there are several.
func (k guixKind) definition() string {
	if k.ForEveryArch() {
		return k.Guest.Arch + ".scm"
	}
	return "system.scm"
}

// What a project may have: a module with a package, a server's key, and channels, one of them in a file of its own.
const (
	guixOwnModule = `(define-module (ours-%[1]d) #:use-module (guix packages) #:use-module (gnu packages base))
(define-public ours-%[1]d (package (inherit hello) (name "ours-%[1]d")))
`
	guixOwnKey = `(public-key
 (ecc
  (curve Ed25519)
  (q #1111111111111111111111111111111111111111111111111111111111111111#)
  )
 )
`
	guixOwnChannels = `;; Pins of the project.
(cons (channel (name 'guix) (url "https://git.guix.gnu.org/guix.git") (branch "master") (commit "230aa373f315f247852ee07dff34146e9b480aec")
        (introduction (make-channel-introduction "9edb3f66fd807b096b48283debdcddccfea34bad" (openpgp-fingerprint "BBB0 2DDF 2CEA F6A8 0D1D  E643 A2A0 6DF2 A33A 54FA"))))
      (load "pins/more.scm"))
`
	guixMoreChannels = `(list (channel (name 'more) (url "https://example.org/more.git") (commit "0123456789abcdef0123456789abcdef01234567")))
`
)

// imageWords are those of build-image, for the derivation alone.
func (k guixKind) imageWords(t *testing.T) []string {
	e, err := engine.For(k.Profile)
	must(t, err)
	steps, err := e.Steps(&engine.Job{Profile: k.Profile, Base: k.base, Work: "/w", Image: "/i", Place: engine.Place{Kind: engine.Local}, Check: true})
	must(t, err)
	words := steps[0].Args
	return slices.Insert(slices.Clone(words[slices.Index(words, "--")+1:]), 2, "--no-grafts", "--no-substitutes")
}

// TestGuixReal has the real Guix compute what the goldens' definitions become: the image's
// derivation by the words of build-image, that of guix system vm, the plan of guix shell;
// and read the operating-system back, field by field.
func TestGuixReal(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix, for half a minute")
	}
	dir := t.TempDir()
	kinds := guixKinds(t, dir)
	var questions []guixQuestion
	for _, k := range kinds {
		guix := k.base + "/generated/" + k.Name + "/guix/"
		quick := []string{"--no-grafts", "--no-substitutes"}
		questions = append(questions, guixQuestion{Words: k.imageWords(t)}, guixQuestion{System: guix + k.definition()},
			guixQuestion{Words: slices.Concat([]string{"system", "vm", "-d"}, quick, []string{"--system=" + k.Guest.Arch + "-linux", guix + k.definition()})},
			guixQuestion{Words: slices.Concat([]string{"shell", "-n"}, quick, []string{"--system=" + k.Guest.Arch + "-linux", "-m", guix + "manifest.scm"})})
	}
	for _, k := range kinds {
		if k.Guix.Project != "" {
			questions = append(questions, guixQuestion{Words: []string{"build", "-d", "--no-grafts", "--no-substitutes", "--system=" + k.Guest.Arch + "-linux", "-f", k.base + "/" + k.Guix.Project}})
		}
	}
	answers := askGuix(t, dir, questions)
	for _, built := range answers[4*len(kinds):] {
		if built.Status != 0 || !strings.HasSuffix(built.Out, ".drv\n") {
			t.Errorf("the project's package: status %d, %q\n%s", built.Status, built.Out, built.Said)
		}
	}
	for i, k := range kinds {
		t.Run(k.Name+"-"+k.Guest.Arch, func(t *testing.T) {
			image, system, vm, shell := answers[4*i], answers[4*i+1], answers[4*i+2], answers[4*i+3]
			if drv := `/gnu/store/`; image.Status != 0 || !strings.HasPrefix(image.Out, drv) || !strings.HasSuffix(image.Out, "-image.qcow2.drv\n") {
				t.Errorf("image: status %d, %q\n%s", image.Status, image.Out, image.Said)
			}
			if vm.Status != 0 || !strings.HasSuffix(vm.Out, "-run-vm.sh.drv\n") {
				t.Errorf("vm: status %d, %q\n%s", vm.Status, vm.Out, vm.Said)
			}
			if shell.Status != 0 {
				t.Errorf("shell: status %d\n%s", shell.Status, shell.Said)
			}
			if d := cmp.Diff(guixWanted(k.Profile), system.guixFields); d != "" {
				t.Errorf("the operating-system (-profile +Guix):\n%s", d)
			}
		})
	}
	t.Logf("%d derivations of images, %d of VMs, %d of projects, %d plans of shells", len(kinds), len(kinds), len(answers)-4*len(kinds), len(kinds))
}

// TestGuixChannels has guix time-machine read the channels: it must come to their fetch,
// for which there is no network, with the very pins of the profile.
func TestGuixChannels(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix")
	}
	dir := t.TempDir()
	guix, _ := tooltest.Guix(t)
	for _, k := range guixKinds(t, dir) {
		channels := k.base + "/generated/" + k.Name + "/guix/channels.scm"
		out, err := guix.Guix(dir, "guix", "time-machine", "-C", channels, "--", "describe").CombinedOutput()
		first := guixReleaseCommit[k.Guix.Version]
		const record = `#<<channel> name: guix url: "https://git.guix.gnu.org/guix.git" branch: "master" commit: "%s" introduction: #<<channel-introduction> first-signed-commit: "9edb3f66fd807b096b48283debdcddccfea34bad" first-commit-signer: #vu8(187 176 45 223 44 234 246 168 13 29 230 67 162 160 109 242 163 58 84 250)>`
		if err == nil || !strings.HasPrefix(string(out), "Updating channel 'guix' from Git repository at 'https://git.guix.gnu.org/guix.git'...\n") ||
			!strings.Contains(string(out), fmt.Sprintf(record, first)) || !strings.Contains(string(out), "In procedure getaddrinfo: ") {
			t.Errorf("%s: %v\n%s", channels, err, out)
		}
	}
}

// guixReleaseCommit is what the profile's documentation promises for a version without channels.
var guixReleaseCommit = map[string]string{
	"1.4": "8e2f32cee982d42a79e53fc1e9aa7b8ff0514714",
	"1.5": "230aa373f315f247852ee07dff34146e9b480aec",
}
