package main

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (l *limactl) validate(_ map[string]string, args []string) error {
	for _, file := range args {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, err := readLimaYAML(data); err != nil {
			return fmt.Errorf("failed to unmarshal YAML (%s): %w", file, err)
		}
		l.log("info", "`"+file+"`: OK")
	}
	return nil
}

func (l *limactl) create(flags map[string]string, args []string) error {
	if len(args) == 0 {
		return errors.New("the fake creates from a file only")
	}
	name := orElse(flags["name"], strings.TrimSuffix(filepath.Base(args[0]), ".yaml"))
	if _, err := l.inspect(name); err == nil {
		return fmt.Errorf("instance `%s` already exists", name)
	}
	data, err := l.template(args[0])
	if err != nil {
		return err
	}
	if data, err = editYAML(data, flags["set"]); err != nil {
		return err
	}
	l.log("info", "Terminal is not available, proceeding without opening an editor")
	if exists(l.dir(name)) {
		return fmt.Errorf("instance `%s` already exists (`%s`)", name, l.dir(name))
	}
	y, err := readLimaYAML(data)
	if err != nil {
		return err
	}
	if err := l.write(name, data); err != nil {
		return err
	}
	if len(y.Images) == 0 {
		l.download("the image", orElse(y.Arch, hostArch()), "", "https://images.example.org/"+filepath.Base(y.Base.Value)+".img")
	}
	for _, image := range y.Images {
		l.download("the image", image.Arch, image.Digest, image.Location)
		l.download("the kernel", image.Arch, "", image.Kernel.Location)
		l.download("the initrd", image.Arch, "", image.Initrd.Location)
		break
	}
	l.log("info", fmt.Sprintf("Resize instance %s's disk from 3GiB to %s", name, fakeSize(fakeBytes(orElse(y.Disk, "100GiB")))))
	l.log("info", "Run `limactl start "+name+"` to start the instance.")
	return os.WriteFile(filepath.Join(l.dir(name), "disk"), []byte("system disk\n"), 0o666)
}

func (l *limactl) download(what, arch, digest, location string) {
	if location != "" {
		l.log("info", "Attempting to download "+what, "arch", arch, "digest", digest, "location", location)
		l.log("info", "Downloaded "+what+" from `"+location+"`")
	}
}

// write lays down what stands before the image comes: the template with its
// comments, base: merged away.
func (l *limactl) write(name string, data []byte) error {
	if err := os.MkdirAll(l.dir(name), 0o700); err != nil {
		return err
	}
	var kept []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "base:") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(filepath.Join(l.dir(name), "lima-version"), []byte("v2.2.0"), 0o444); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.dir(name), "lima.yaml"), []byte(strings.Join(kept, "")), 0o644)
}

func (l *limactl) start(flags map[string]string, args []string) error {
	name := orElse(strings.Join(args, ""), "default")
	in, err := l.inspect(name)
	if err != nil {
		return l.startAnother(name, flags)
	}
	if in.problem != "" {
		l.log("error", "Instance \""+name+"\" has configuration errors", "error", in.problem)
	}
	if in.VMType == "" {
		return fmt.Errorf("instance %q has configuration errors: %s", name, in.problem)
	}
	l.log("info", "Using the existing instance `"+name+"`")
	switch in.Status {
	case "Running":
		l.log("info", "The instance `"+name+"` is already running. Run `"+limaAlias(name)+"` to open the shell.")
		return nil
	case "Broken":
		return fmt.Errorf("errors inspecting instance: [%s]", in.problem)
	}
	return l.boot(in)
}

// startAnother is the trap: a name that is not there becomes an Ubuntu VM.
func (l *limactl) startAnother(name string, flags map[string]string) error {
	if name != "default" {
		l.log("info", "Creating an instance `"+name+"` from template:default (Not from template:"+name+")")
		l.log("warning", "This form is deprecated. Use `limactl create --name="+name+" template:default` instead")
	}
	if err := l.write(name, []byte("# template:default: an Ubuntu VM that nobody asked for\nvmType: qemu\n")); err != nil {
		return err
	}
	in, err := l.inspect(name)
	if err != nil {
		return err
	}
	return l.boot(in)
}

func (l *limactl) boot(in *fakeInstance) error {
	l.log("info", fmt.Sprintf("Starting the instance `%s` with internal VM driver `%s`", in.Name, in.VMType))
	l.log("info", "[hostagent] hostagent socket created at "+filepath.Join(in.Dir, "ha.sock"))
	for _, d := range in.Disks {
		if err := l.mayLock(in, d.Name); err != nil {
			l.log("fatal", "[hostagent] "+err.Error())
			return fmt.Errorf("exiting, status={Running:false Degraded:false Exiting:true Errors:[] SSHLocalPort:0 CloudInitProgress:<nil> PortForward:<nil> Vsock:<nil>} (hint: see `%s`)",
				filepath.Join(in.Dir, "ha.stderr.log"))
		}
		l.log("info", fmt.Sprintf("[hostagent] Mounting disk `%s` on `/mnt/lima-%s`", d.Name, d.Name))
	}
	l.run(in)
	if in.VMType == "qemu" {
		l.log("info", "[hostagent] Starting QEMU (hint: to watch the boot progress, see `"+filepath.Join(in.Dir, "serial*.log")+"`)")
	}
	l.log("info", fmt.Sprintf("SSH Local Port: %d", in.SSHLocalPort))
	l.log("info", "READY. Run `"+limaAlias(in.Name)+"` to open the shell.")
	return nil
}

// run makes an instance Running, with all its sockets forwarded.
func (l *limactl) run(in *fakeInstance) {
	l.lock(in)
	for _, file := range []string{"ha.pid", "ha.sock", in.VMType + ".pid"} {
		os.WriteFile(filepath.Join(in.Dir, file), []byte("4711\n"), 0o666)
	}
	os.WriteFile(filepath.Join(in.Dir, "ssh.config"), fmt.Appendf(nil, "Host %s\n  Hostname 127.0.0.1\n  Port %d\n", in.Hostname, 60022+crc32.ChecksumIEEE([]byte(in.Name))%1000), 0o600)
	os.WriteFile(filepath.Join(in.Dir, "ha.stdout.log"), []byte(`{"time":"`+fakeTime+`","status":{"running":true,"sshLocalPort":60022}}`+"\n"), 0o666)
	ssh := filepath.Join(in.Dir, "fake-ssh")
	os.RemoveAll(ssh)
	os.MkdirAll(filepath.Join(ssh, "guest"), 0o777)
	os.WriteFile(filepath.Join(ssh, "master"), nil, 0o666)
	random := filepath.Join(ssh, "guest/proc/sys/kernel/random")
	os.MkdirAll(random, 0o777)
	os.WriteFile(filepath.Join(random, "boot_id"), []byte(fmt.Sprintf("%s-%d\n", in.Name, time.Now().UnixNano())), 0o666)
	if g, ok := openGuest(in.Dir); ok && !g.boots() {
		return
	}
	for _, socket := range in.sockets {
		addListener(ssh, socket)
	}
}

func limaAlias(name string) string {
	if name == "default" {
		return "lima"
	}
	return "limactl shell " + name
}

func (l *limactl) stop(flags map[string]string, args []string) error {
	name := orElse(strings.Join(args, " "), "default")
	defer l.reconcile()
	in, err := l.inspect(name)
	if err != nil {
		return err
	}
	if flags["force"] != "" {
		l.kill(in)
		return nil
	}
	if in.Status != "Running" {
		return fmt.Errorf("expected status `Running`, got `%s` (maybe use `limactl stop -f`?)", in.Status)
	}
	l.log("info", "Sending SIGINT to hostagent process 4711")
	l.log("info", "Waiting for the host agent and the driver processes to shut down")
	l.log("info", "[hostagent] Received SIGINT, shutting down the host agent")
	if in.VMType == "qemu" {
		l.log("info", "[hostagent] Shutting down QEMU with the power button")
		l.log("info", "[hostagent] QEMU has exited")
	}
	l.log("info", "Waiting for the instance to shut down")
	l.log("info", "The instance "+in.Name+" has shut down")
	l.unlock(in)
	for _, file := range []string{"ha.pid", "ha.sock", in.VMType + ".pid", "ssh.sock"} {
		os.Remove(filepath.Join(in.Dir, file))
	}
	note(in.Dir, "stopped in order")
	return nil
}

// reconcile is what stop and delete do last, for the networks of all instances.
func (l *limactl) reconcile() {
	for _, name := range l.names() {
		if _, err := l.inspect(name); err != nil {
			l.log("warning", "Skipping instance `"+name+"` during network reconcile: "+err.Error())
		}
	}
}

// note keeps, outside the instance, how its guest ended: a hard end may lose data.
func note(dir, how string) {
	file := filepath.Join(filepath.Dir(dir), "_fake", filepath.Base(dir)+".end")
	os.MkdirAll(filepath.Dir(file), 0o777)
	os.WriteFile(file, []byte(how+"\n"), 0o666)
}

// kill ends all processes of an instance, as stop -f and delete do.
func (l *limactl) kill(in *fakeInstance) {
	end := func(what, file string) {
		if exists(filepath.Join(in.Dir, file)) {
			l.log("info", "Sending SIGKILL to the "+what+" process 4711")
			note(in.Dir, "killed")
			return
		}
		l.log("info", "The "+what+" process seems already stopped")
	}
	end(in.VMType+" driver", in.VMType+".pid")
	for _, d := range in.Disks {
		switch disk := filepath.Join(l.home, "_disks", d.Name); {
		case !exists(filepath.Join(disk, "datadisk")):
			l.log("warning", "Disk `"+d.Name+"` does not exist")
		case os.Remove(filepath.Join(disk, "in_use_by")) != nil:
			l.log("warning", fmt.Sprintf("Failed to unlock disk `%s`. To use, run `limactl disk unlock %s`", d.Name, d.Name))
		}
	}
	end("host agent", "ha.pid")
	l.log("info", "Removing *.pid *.sock *.tmp under `"+in.Dir+"`")
	for _, pattern := range []string{"*.pid", "*.sock", "*.tmp"} {
		files, _ := filepath.Glob(filepath.Join(in.Dir, pattern))
		for _, file := range files {
			l.log("info", "Removing `"+file+"`")
			os.Remove(file)
		}
	}
}

func (l *limactl) delete(flags map[string]string, args []string) error {
	defer l.reconcile()
	for _, name := range args {
		in, err := l.inspect(name)
		switch {
		case err != nil && !exists(l.dir(name)):
			l.log("warning", "Ignoring non-existent instance `"+name+"`")
			continue
		case err != nil:
			return fmt.Errorf("instance `%s` directory `%s` exists but its `lima.yaml` could not be read; it was NOT deleted, in case it is currently being cloned into. If no `limactl` operation is using it, remove it manually", name, l.dir(name))
		case in.Protected:
			return fmt.Errorf("failed to delete instance `%s`: instance is protected to prohibit accidental removal (Hint: use `limactl unprotect`)", name)
		case flags["force"] == "" && in.Status != "Stopped":
			return fmt.Errorf("failed to delete instance `%s`: expected status `Stopped`, got `%s`", name, in.Status)
		}
		l.kill(in)
		if err := os.RemoveAll(in.Dir); err != nil {
			return err
		}
		l.log("info", "Deleted `"+name+"` (`"+in.Dir+"`)")
	}
	return nil
}

func (l *limactl) rename(_ map[string]string, args []string) error {
	from, to := args[0], args[1]
	in, err := l.inspect(from)
	switch {
	case err != nil:
		return fmt.Errorf("instance `%s` not found", from)
	case in.Status == "Running":
		return errors.New("cannot rename a running instance")
	case exists(l.dir(to)):
		return fmt.Errorf("instance `%s` already exists", to)
	}
	os.Remove(filepath.Join(in.Dir, "protected"))
	return os.Rename(in.Dir, l.dir(to))
}

func (l *limactl) protect(_ map[string]string, args []string) error {
	return l.setProtected(args, "protect", "Instance `%s` is already protected. Skipping.", func(file string) error {
		return os.WriteFile(file, nil, 0o400)
	})
}

func (l *limactl) unprotect(_ map[string]string, args []string) error {
	return l.setProtected(args, "unprotect", "Instance `%s` isn't protected. Skipping.", os.Remove)
}

func (l *limactl) setProtected(args []string, verb, already string, do func(string) error) error {
	var errs []error
	for _, name := range args {
		in, err := l.inspect(name)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("failed to inspect instance `%s`: %w", name, err))
			continue
		case in.Protected == (verb == "protect"):
			l.log("warning", fmt.Sprintf(already, name))
			continue
		}
		if err := do(filepath.Join(in.Dir, "protected")); err != nil {
			return err
		}
		l.log("info", strings.ToUpper(verb[:1])+verb[1:]+"ed `"+name+"`")
	}
	return errors.Join(errs...)
}

// halfDone leaves what a step leaves that was cut off in its midst.
func (l *limactl) halfDone(step string) {
	switch step {
	case "create": // lima.yaml stands before the image is there
		name, file := "", ""
		for _, a := range os.Args[1:] {
			if n, ok := strings.CutPrefix(a, "--name="); ok {
				name = n
			}
			file = a
		}
		data, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		l.write(name, data)
	case "delete": // files go in any order
		in, err := l.inspect(os.Args[len(os.Args)-1])
		if err != nil {
			panic(err)
		}
		l.kill(in)
		os.Remove(filepath.Join(in.Dir, "lima.yaml"))
	case "disk-create": // the directory, and nothing in it
		for i, a := range os.Args {
			if a == "create" {
				os.MkdirAll(l.diskDir(os.Args[i+1]), 0o700)
			}
		}
	default:
		panic("amid:" + step)
	}
}
