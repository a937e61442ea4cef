package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"vmloom/profile"
)

// A disk of the fake is _disks/NAME/datadisk, a sparse file of the disk's size.

func (l *limactl) diskDir(name string) string { return filepath.Join(l.home, "_disks", name) }

func (l *limactl) diskSize(name string) (int64, error) {
	info, err := os.Stat(filepath.Join(l.diskDir(name), "datadisk"))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// user is the instance that has locked a disk.
func (l *limactl) user(disk string) string {
	dir, err := os.Readlink(filepath.Join(l.diskDir(disk), "in_use_by"))
	if err != nil {
		return ""
	}
	return filepath.Base(dir)
}

// mayLock says why an instance cannot start with a disk.
func (l *limactl) mayLock(in *fakeInstance, disk string) error {
	if _, err := l.diskSize(disk); err != nil {
		return fmt.Errorf("failed to run attach disk `%s`: %w", disk, err)
	}
	if user := l.user(disk); user != "" && user != in.Name {
		return fmt.Errorf("failed to run attach disk `%s`, in use by instance `%s`", disk, user)
	}
	return nil
}

func (l *limactl) lock(in *fakeInstance) {
	l.unlock(in)
	for _, d := range in.Disks {
		os.Symlink(in.Dir, filepath.Join(l.diskDir(d.Name), "in_use_by"))
	}
}

func (l *limactl) unlock(in *fakeInstance) {
	for _, d := range in.Disks {
		os.Remove(filepath.Join(l.diskDir(d.Name), "in_use_by"))
	}
}

// homeLabel answers findmnt: the home is on its own disk where the instance has one.
func (l *limactl) homeLabel(in *fakeInstance) string {
	if len(in.Disks) == 0 {
		return "cloudimg-rootfs"
	}
	p := profile.Profile{Home: profile.Home{Name: strings.TrimSuffix(in.Disks[0].Name, "-home")}}
	return p.HomeLabel()
}

func (l *limactl) diskCreate(flags map[string]string, args []string) error {
	name := args[0]
	switch {
	case flags["size"] == "":
		return errors.New(`required flag(s) "size" not set`)
	case exists(l.diskDir(name)):
		return fmt.Errorf("disk `%s` already exists (`%s`)", name, l.diskDir(name))
	}
	size := fakeBytes(flags["size"])
	l.log("info", fmt.Sprintf("Creating qcow2 disk `%s` with size %s", name, fakeSize(size)))
	if err := os.MkdirAll(l.diskDir(name), 0o700); err != nil {
		return err
	}
	return l.setSize(name, size)
}

func (l *limactl) setSize(name string, size int64) error {
	f, err := os.OpenFile(filepath.Join(l.diskDir(name), "datadisk"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Truncate(size)
}

func (l *limactl) diskList(flags map[string]string, args []string) error {
	dirs, _ := filepath.Glob(filepath.Join(l.home, "_disks", "*"))
	w := tabwriter.NewWriter(l.out, 4, 8, 4, ' ', 0)
	if flags["json"] == "" {
		if len(dirs) == 0 {
			l.log("warning", "No disk found. Run `limactl disk create DISK --size SIZE` to create a disk.")
		}
		fmt.Fprintln(w, "NAME\tSIZE\tFORMAT\tDIR\tIN-USE-BY")
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		size, err := l.diskSize(name)
		if err != nil {
			l.log("error", "disk `"+name+"` does not exist?", "error", err.Error())
			continue
		}
		user, userDir := l.user(name), ""
		if user != "" {
			userDir = l.dir(user)
		}
		if flags["json"] != "" {
			fmt.Fprintf(l.out, `{"name":%q,"size":%d,"format":"qcow2","dir":%q,"instance":%q,"instanceDir":%q,"mountPoint":%q}`+"\n",
				name, size, dir, user, userDir, "/mnt/lima-"+name)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\tqcow2\t%s\t%s\n", name, fakeSize(size), dir, user)
	}
	return w.Flush()
}

func (l *limactl) diskDelete(flags map[string]string, args []string) error {
	for _, name := range args {
		user := l.user(name)
		switch {
		case !exists(l.diskDir(name)):
			l.log("warning", "Ignoring non-existent disk `"+name+"`")
			continue
		case flags["force"] != "":
		case user != "":
			return fmt.Errorf("cannot delete disk `%s` in use by instance `%s`", name, user)
		}
		var refs []string
		for _, in := range l.instances() {
			for _, d := range in.Disks {
				if d.Name == name {
					refs = append(refs, "`"+in.Name+"`")
				}
			}
		}
		if len(refs) > 0 && flags["force"] == "" {
			l.log("warning", fmt.Sprintf("Skipping deleting disk `%s`, disk is referenced by one or more non-running instances: %v", name, refs))
			l.log("warning", "To delete anyway, run `limactl disk delete --force "+name+"`")
			continue
		}
		if err := os.RemoveAll(l.diskDir(name)); err != nil {
			return err
		}
		l.log("info", "Deleted `"+name+"` (`"+l.diskDir(name)+"`)")
	}
	return nil
}

func (l *limactl) diskUnlock(_ map[string]string, args []string) error {
	for _, name := range args {
		user := l.user(name)
		in, err := l.inspect(user)
		switch {
		case !exists(l.diskDir(name)):
			l.log("warning", "Ignoring non-existent disk `"+name+"`")
			continue
		case user == "":
			l.log("warning", "Ignoring unlocked disk `"+name+"`")
			continue
		case err == nil && in.problem != "":
			l.log("warning", fmt.Sprintf("Cannot unlock disk `%s`, attached instance `%s` has errors: [%s]", name, user, in.problem))
			continue
		case err == nil && in.Status == "Running":
			l.log("warning", fmt.Sprintf("Cannot unlock disk `%s` used by running instance `%s`", name, user))
			continue
		}
		if err := os.Remove(filepath.Join(l.diskDir(name), "in_use_by")); err != nil {
			return err
		}
		l.log("info", "Unlocked disk `"+name+"` (`"+l.diskDir(name)+"`)")
	}
	return nil
}

func (l *limactl) diskResize(flags map[string]string, args []string) error {
	name := args[0]
	now, err := l.diskSize(name)
	if err != nil {
		return fmt.Errorf("disk `%s` does not exists", name)
	}
	size := fakeBytes(flags["size"])
	if size < now {
		return fmt.Errorf("specified size `%s` is less than the current disk size `%s`. Disk shrinking is currently unavailable", fakeSize(size), fakeSize(now))
	}
	if user := l.user(name); user != "" {
		if in, err := l.inspect(user); err == nil && in.Status == "Running" {
			return fmt.Errorf("cannot resize disk `%s` used by running instance `%s`. Please stop the VM instance", name, user)
		}
	}
	l.log("info", "Resized disk `"+name+"` (`"+l.diskDir(name)+"`)")
	return l.setSize(name, size)
}

var fakeUnits = []string{"B", "KiB", "MiB", "GiB", "TiB"}

// fakeBytes reads a size as Lima does: 12 means 12 bytes.
func fakeBytes(text string) int64 {
	for i := len(fakeUnits) - 1; i >= 0; i-- {
		if number, ok := strings.CutSuffix(text, fakeUnits[i]); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil {
				panic(err)
			}
			return int64(n * float64(int64(1)<<(10*i)))
		}
	}
	return fakeBytes(text + "B")
}

func fakeSize(bytes int64) string {
	size, i := float64(bytes), 0
	for ; size >= 1024 && i < len(fakeUnits)-1; i++ {
		size /= 1024
	}
	return fmt.Sprintf("%.4g%s", size, fakeUnits[i])
}
