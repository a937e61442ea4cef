package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// guix speaks as the real one (1.5) does, after testdata/guix/recordings.txtar.
// Its store is $WORK/gnu/store, where fake cp and cat find /gnu/store.
//
//	FAKE_GUIX_LOG=FILE       each call as a line
//	FAKE_GUIX_SAYS=CASE      the pinned guix makes an image as in that recorded call
//	FAKE_GUIX_DRY=CASE       so does the guix of the machine, without time-machine
//	FAKE_GUIX_CHECK=CASE     so is guix build --check
//	FAKE_GUIX_VERSION=1.4.0
//	FAKE_GUIX_DAEMON=down
type guix struct {
	args      []string
	env       func(string) string
	out, talk io.Writer
}

func fakeGuix() {
	g := &guix{os.Args[1:], os.Getenv, os.Stdout, os.Stderr}
	os.Exit(g.main())
}

const (
	fakeGuixImage = "/gnu/store/7x9c93ixray3a5c7xwz56cvyavmzhm3s-image.qcow2"
)

func (g *guix) main() int {
	g.record()
	switch {
	case len(g.args) == 1 && g.args[0] == "--version":
		fmt.Fprintf(g.out, "guix (GNU Guix) %s\nCopyright (C) 2025 the Guix authors\n", orElse(g.env("FAKE_GUIX_VERSION"), "1.5.0"))
		return 0
	case len(g.args) == 0 || !slices.Contains([]string{"system", "build", "archive", "time-machine"}, g.args[0]):
		return g.fail("guix: %s: command not found\nTry `guix --help' for more information.", strings.Join(g.args, " "))
	case g.env("FAKE_GUIX_DAEMON") == "down":
		return g.fail("guix %s: error: failed to connect to `/var/guix/daemon-socket/socket': No such file or directory", g.args[0])
	}
	switch g.args[0] {
	case "archive":
		if len(g.args) != 2 || g.args[1] != "--missing" {
			return g.fail("guix archive: error: the fake does not know %q", g.args)
		}
		return 0
	case "time-machine":
		return g.travel()
	}
	return g.pinned(g.args)
}

func (g *guix) record() {
	file := g.env("FAKE_GUIX_LOG")
	if file == "" {
		return
	}
	line := strings.ReplaceAll("guix "+strings.Join(g.args, " "), g.env("WORK"), "$WORK")
	line = regexp.MustCompile(`vmloom(-dev-|\.)[A-Za-z0-9]+`).ReplaceAllString(line, "vmloom${1}XXXXXX")
	line = regexp.MustCompile(`\S*/vmloom`).ReplaceAllString(line, "/tmp/vmloom")
	line = regexp.MustCompile(`/gnu/store/[0-9a-f]{32}-`).ReplaceAllString(line, "/gnu/store/XXXXXXXX-")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

func (g *guix) fail(format string, args ...any) int {
	fmt.Fprintf(g.talk, format+"\n", args...)
	return 1
}

// load fails as guix does for a file that is not there, or that loads one which is not.
func (g *guix) load(command, file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return g.fail("guix %s: error: failed to load '%s':\nice-9/boot-9.scm:2190:9: In procedure primitive-load-path: Unable to find file \"guix/%s\" in load path", command, file, file)
	}
	for _, m := range regexp.MustCompile(`\(load "([^"]+)"\)`).FindAllSubmatch(text, -1) {
		if status := g.load(command, filepath.Join(filepath.Dir(file), string(m[1]))); status != 0 {
			return status
		}
	}
	return 0
}

// travel is guix time-machine -C FILE -- COMMAND.
func (g *guix) travel() int {
	if len(g.args) < 5 || g.args[1] != "-C" || g.args[3] != "--" {
		return g.fail("guix time-machine: error: the fake does not know %q", g.args)
	}
	if status := g.load("time-machine", g.args[2]); status != 0 {
		return status
	}
	return g.pinned(g.args[4:])
}

func (g *guix) pinned(args []string) int {
	if len(args) > 1 && args[0] == "build" && strings.HasPrefix(args[1], "--substitute-urls=") {
		args = slices.Delete(slices.Clone(args), 1, 2)
	}
	switch {
	case len(args) > 1 && args[0] == "system" && args[1] == "image":
		return g.image(args[2:])
	case len(args) == 5 && args[0] == "build" && args[1] == "-v1" && args[2] == "-r" && isFakeGuixDrv(args[4]):
		return g.build("build", args[3], args[4])
	case len(args) == 2 && args[0] == "build" && isFakeGuixDrv(args[1]):
		return g.made(orElse(g.env("FAKE_GUIX_SAYS"), "triv-ok"))
	case len(args) == 3 && args[0] == "build" && args[1] == "--check" && isFakeGuixDrv(args[2]):
		return g.made(orElse(g.env("FAKE_GUIX_CHECK"), "check-ok"))
	case len(args) > 1 && args[0] == "system":
		return g.fail("guix system: error: %s: unknown action", args[1])
	}
	return g.fail("guix %s: error: the fake does not know %q", args[0], args)
}

// made repeats a recorded call; one that a signal ended waits for that.
func (g *guix) made(name string) int {
	status, ok := say(name, "guix/recordings.txtar", g.out, g.talk)
	switch {
	case !ok:
		return g.fail("the fake has no recording %s", name)
	case status < 0:
		os.WriteFile(filepath.Join(g.env("WORK"), "building"), nil, 0o666)
		exec.Command("sleep", "60").Run() // in the same process group
	}
	return status
}

// image is guix system image.
func (g *guix) image(args []string) int {
	root, drv, files := "", false, []string(nil)
	for len(args) > 0 {
		name, value, inline := strings.Cut(args[0], "=")
		args = args[1:]
		if takes := slices.Contains([]string{"-t", "-r", "--system", "--image-size", "--substitute-urls"}, name); takes && !inline {
			value, args = args[0], args[1:]
		}
		switch {
		case name == "-r":
			root = value
		case name == "-d":
			drv = true
		case name == "-t" && !strings.HasPrefix(value, "qcow2"):
			return g.fail("guix system: error: %s: no such image type", value)
		case slices.Contains([]string{"-t", "--system", "--image-size", "--no-grafts", "--no-substitutes", "--substitute-urls"}, name):
		case strings.HasPrefix(name, "-"):
			return g.fail("guix system: error: %s: unrecognized option", strings.TrimLeft(name, "-"))
		default:
			files = append(files, name)
		}
	}
	if len(files) != 1 {
		return g.fail("guix system: error: wrong number of arguments for action 'image'")
	}
	if status := g.load("system", files[0]); status != 0 {
		return status
	}
	variable := "FAKE_GUIX_DRY"
	if g.args[0] == "time-machine" {
		variable = "FAKE_GUIX_SAYS"
	}
	if says := g.env(variable); says != "" {
		if status := g.made(says); status != 0 {
			return status
		}
	}
	name := g.derivation(files[0])
	if drv {
		fmt.Fprintln(g.out, name)
		return 0
	}
	return g.build("system", root, name)
}

// derivation is that of an image: its name follows from the definition but for comments.
func (g *guix) derivation(file string) string {
	text := g.definition(file)
	sum := sha256.Sum256(regexp.MustCompile(`(?m)^ *;.*\n`).ReplaceAll(text, nil))
	name := fmt.Sprintf("/gnu/store/%x-image.qcow2.drv", sum[:16])
	item := filepath.Join(g.env("WORK"), name)
	os.MkdirAll(filepath.Dir(item), 0o777)
	os.WriteFile(item, text, 0o666)
	return name
}

func isFakeGuixDrv(word string) bool {
	return strings.HasPrefix(word, "/gnu/store/") && strings.HasSuffix(word, "-image.qcow2.drv")
}

// definition is the text of a file and of those that it loads.
func (g *guix) definition(file string) []byte {
	text, _ := os.ReadFile(file)
	all := slices.Clone(text)
	for _, m := range regexp.MustCompile(`\(load "([^"]+)"\)`).FindAllSubmatch(text, -1) {
		all = append(all, g.definition(filepath.Join(filepath.Dir(file), string(m[1])))...)
	}
	return all
}

// build makes the image of a derivation, with a link where one is asked for.
func (g *guix) build(command, root, drv string) int {
	text, err := os.ReadFile(filepath.Join(g.env("WORK"), drv))
	if err != nil {
		return g.fail("cannot build missing derivation `%s'", drv)
	}
	fmt.Fprintf(g.talk, "The following derivation will be built:\n  %s\n\nbuilding %s...\nsuccessfully built %s\n", drv, drv, drv)
	item := filepath.Join(g.env("WORK"), fakeGuixImage)
	os.Remove(item)
	os.WriteFile(item, append([]byte("QFI\xfb image of\n"), text...), 0o444)
	fmt.Fprintln(g.out, fakeGuixImage)
	if root != "" {
		if err := os.Symlink(item, root); err != nil {
			return g.fail("guix %s: error: failed to create GC root `%s': File exists", command, root)
		}
	}
	return 0
}

// fakeStoreTool is cp or cat, to which /gnu/store is $WORK/gnu/store.
func fakeStoreTool(name string) func() {
	return func() {
		args := os.Args[1:]
		for i, a := range args {
			if strings.HasPrefix(a, "/gnu/store/") {
				args[i] = filepath.Join(os.Getenv("WORK"), a)
			}
		}
		cmd := exec.Command("/bin/"+name, args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		if cmd.Run() != nil {
			os.Exit(1)
		}
	}
}
