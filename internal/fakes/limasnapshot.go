package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The system's disk of the fake is its file disk; its snapshots lie below disk.snapshots, a copy each.

// snapshots gives the directory of an instance's, as far as its driver has any.
func (l *limactl) snapshots(name string) (dir string, err error) {
	l.log("warning", "`limactl snapshot` is experimental")
	in, err := l.inspect(name)
	switch {
	case err != nil:
		return "", fmt.Errorf("open %s: no such file or directory", filepath.Join(l.dir(name), "lima.yaml"))
	case in.VMType != "qemu":
		return "", errors.New("unimplemented")
	case in.Status == "Running":
		return "", errors.New("the fake has no snapshots of an instance that runs: they would hold the home, too")
	}
	return filepath.Join(in.Dir, "disk.snapshots"), nil
}

func (l *limactl) snapshotCreate(flags map[string]string, args []string) error {
	dir, err := l.snapshots(args[0])
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return copyFile(filepath.Join(dir, flags["tag"]), filepath.Join(l.dir(args[0]), "disk"))
}

func (l *limactl) snapshotApply(flags map[string]string, args []string) error {
	dir, err := l.snapshots(args[0])
	if err != nil {
		return err
	}
	if !exists(filepath.Join(dir, flags["tag"])) {
		return noSnapshot("apply", flags["tag"])
	}
	return copyFile(filepath.Join(l.dir(args[0]), "disk"), filepath.Join(dir, flags["tag"]))
}

func (l *limactl) snapshotDelete(flags map[string]string, args []string) error {
	dir, err := l.snapshots(args[0])
	if err == nil && os.Remove(filepath.Join(dir, flags["tag"])) != nil {
		return noSnapshot("delete", flags["tag"])
	}
	return err
}

func noSnapshot(verb, tag string) error {
	return fmt.Errorf("failed to run qemu-img: qemu-img: Could not %s snapshot '%s': snapshot not found (-2): exit status 1", verb, tag)
}

func (l *limactl) snapshotList(flags map[string]string, args []string) error {
	dir, err := l.snapshots(args[0])
	if err != nil {
		return err
	}
	tags, _ := os.ReadDir(dir)
	if len(tags) > 0 && flags["quiet"] == "" {
		fmt.Fprintln(l.out, "ID        TAG               VM SIZE                DATE     VM CLOCK     ICOUNT")
	}
	for i, tag := range tags {
		if flags["quiet"] != "" {
			fmt.Fprintln(l.out, tag.Name())
			continue
		}
		fmt.Fprintf(l.out, "%-8d  %-18s %6s 2026-01-01 00:00:00 00:00:00.000          0\n", i+1, tag.Name(), "0 B")
	}
	return nil
}

// clone copies the files of an instance but for those that only one may have, as the real one does, and changes lima.yaml.
func (l *limactl) clone(flags map[string]string, args []string) error {
	from, to := args[0], args[1]
	in, err := l.inspect(from)
	switch {
	case err != nil:
		return fmt.Errorf("instance `%s` not found", from)
	case in.Status == "Running":
		return errors.New("cannot clone a running instance")
	case exists(l.dir(to)):
		return fmt.Errorf("instance `%s` already exists", to)
	}
	err = filepath.WalkDir(in.Dir, func(path string, d fs.DirEntry, err error) error {
		at := filepath.Join(l.dir(to), strings.TrimPrefix(path, in.Dir))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(at, 0o777)
		case slices.Contains([]string{".pid", ".sock", ".tmp"}, filepath.Ext(path)) || d.Name() == "protected" || !d.Type().IsRegular():
			return nil
		}
		return copyFile(at, path)
	})
	if err != nil || flags["set"] == "" {
		return err
	}
	file := filepath.Join(l.dir(to), "lima.yaml")
	data, err := os.ReadFile(file)
	if err == nil {
		data, err = editYAML(data, flags["set"])
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
