package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// What building an image asks of the fake limactl and of qemu-img.

// recorded are the files of recordings below testdata of the repository.
func recorded(file string) (map[string]string, error) {
	archive, err := txtar.ParseFile(filepath.Join(os.Getenv("REPO"), "testdata", file))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	return files, nil
}

// say repeats a recorded call, if there is one of that name.
func say(name, file string, out, talk io.Writer) (status int, known bool) {
	files, err := recorded(file)
	if err != nil {
		return 0, false
	}
	rc, known := files[name+".rc"]
	if !known {
		return 0, false
	}
	io.WriteString(out, files[name+".out"])
	io.WriteString(talk, files[name+".err"])
	status, _ = strconv.Atoi(strings.TrimSpace(rc))
	return status, true
}

// template reads what create is given: a file, or standard input.
func (l *limactl) template(arg string) ([]byte, error) {
	if arg == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(arg)
}

// hang is a start that does not end: the VM boots and boots. Killed, it leaves a
// running VM behind, as the real one does, whose host agent has left its group.
func (l *limactl) hang() error {
	for _, in := range l.instances() {
		l.run(in)
	}
	l.log("info", "[hostagent] Waiting for the essential requirement 1 of 3: `ssh`")
	for range 300 {
		time.Sleep(100 * time.Millisecond)
		if len(l.instances()) == 0 {
			break
		}
	}
	return fmt.Errorf("did not receive an event with the `running` status")
}

// asRoot stands for what build-image runs as root in the guest: it must never run here.
//
//	FAKE_LIMACTL_MISSING=PACKAGE  apt did not install it
func (l *limactl) asRoot(in *fakeInstance, command []string) error {
	if len(command) > 4 && strings.Contains(command[3], "dpkg-query") {
		for _, wanted := range command[5:] {
			if wanted == l.env("FAKE_LIMACTL_MISSING") {
				fmt.Fprintf(l.err, "vmloom: no package %s in this release\nvmloom: package %s: is not installed\n", wanted, wanted)
				return fakeExit(1)
			}
		}
		return nil
	}
	if len(command) == 4 && strings.Contains(command[3], "path-info --all") { // what a rebuild keeps of a store
		if l.env("FAKE_LIMACTL_STORE") == "full" {
			fmt.Fprintln(l.err, "vmloom: store: does not fit: 4000 MiB are wanted on /home, and 2000 MiB are free, of which 1024 are left to the home")
			return fakeExit(1)
		}
		fmt.Fprintln(l.err, "vmloom: store: 3000 paths are kept in /home/.vmloom-nix")
		return nil
	}
	if done, err := l.nixOS(in, command[1:]); done {
		return err
	}
	if len(command) != 7 || !strings.Contains(command[3], "cloud-init clean") || command[1] != "sh" || command[2] != "-c" {
		fmt.Fprintf(l.err, "sudo: the fake guest does not know %q\n", command[1:])
		return fakeExit(1)
	}
	disk := filepath.Join(in.Dir, "disk")
	text, err := os.ReadFile(disk)
	if err != nil {
		return err
	}
	return os.WriteFile(disk, append(text, "cleaned of "+command[5]+" "+command[6]+"\n"...), 0o666)
}

// fakeQEMUImg converts by copying, and asks for what the real one would read.
func fakeQEMUImg() {
	args := os.Args[1:]
	if len(args) == 1 && args[0] == "--version" {
		fmt.Println("qemu-img version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022 Fabrice Bellard and the QEMU Project developers")
		return
	}
	if len(args) != 6 || strings.Join(args[:4], " ") != "convert -c -O qcow2" {
		fmt.Fprintf(os.Stderr, "qemu-img: the fake does not know %q\n", args)
		os.Exit(1)
	}
	from, to := args[4], args[5]
	text, err := os.ReadFile(from)
	if err != nil {
		fmt.Fprintf(os.Stderr, "qemu-img: Could not open '%s': Could not open '%s': No such file or directory\n", from, from)
		os.Exit(1)
	}
	if exists(filepath.Join(filepath.Dir(from), "qemu.pid")) {
		fmt.Fprintf(os.Stderr, "qemu-img: Could not open '%s': Failed to get shared \"write\" lock\nIs another process using the image [%s]?\n", from, from)
		os.Exit(1)
	}
	os.WriteFile(to, append([]byte("QFI\xfb"), text...), 0o644)
	if os.Getenv("FAKE_QEMU_IMG") == "full" {
		fmt.Fprintln(os.Stderr, "qemu-img: error while writing at byte 65536: No space left on device")
		os.Exit(1)
	}
}
