package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// fakeTime stands in every message, so that goldens stay as they are.
const fakeTime = "2026-01-01T00:00:00Z"

// limactl speaks and keeps state as the real one (2.2) does: the same messages,
// streams and exit codes, as testdata/limactl/recordings.txtar holds, and the
// same files below $LIMA_HOME. An instance runs where ha.pid and its driver's
// pid file stand, is Broken where one of them does, and Stopped where none does.
//
// What a script says to it beyond the real one's arguments:
//
//	FAKE_LIMACTL_LOG=FILE       each call's arguments as a line
//	FAKE_LIMACTL_VERSION=1.2.3
//	FAKE_LIMACTL_FAIL="stop create:2"   every stop fails, and the second create
//	FAKE_LIMACTL_FAIL="create=no-space" it fails as that call of testdata/limactl/build.txtar
//	FAKE_LIMACTL_KILL="after:delete"    kill -9 of the calling shell: before, amid or after it
//
// There, "stop -f" is stop-f and "disk create" is disk-create.
type limactl struct {
	home     string // $LIMA_HOME
	out, err io.Writer
	json     bool // --log-format json
	env      func(string) string
}

func fakeLimactl() {
	l := &limactl{out: os.Stdout, err: os.Stderr, env: os.Getenv}
	os.Exit(l.main(os.Args[1:]))
}

// fakeExit is a status to end with when all has been said.
type fakeExit int

func (e fakeExit) Error() string { return "exit status " + strconv.Itoa(int(e)) }

func (l *limactl) main(args []string) int {
	l.home = l.env("LIMA_HOME")
	if l.home == "" {
		l.home = filepath.Join(l.env("HOME"), ".lima")
	}
	l.record(args)
	err := l.command(args)
	switch err := err.(type) {
	case nil:
		return 0
	case fakeExit:
		return int(err)
	}
	l.log("fatal", err.Error())
	return 1
}

// record appends the call to the log, without the folder of the test.
func (l *limactl) record(args []string) {
	file := l.env("FAKE_LIMACTL_LOG")
	if file == "" {
		return
	}
	line := "limactl"
	for _, a := range args {
		if strings.ContainsAny(a, " {}'\"") || a == "" {
			a = strconv.Quote(a)
		}
		line += " " + a
	}
	if work := l.env("WORK"); work != "" {
		line = strings.ReplaceAll(line, work, "$WORK")
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

var bareValue = regexp.MustCompile(`^[a-zA-Z0-9\-._/@^+]*$`)

// log writes a message as logrus does; fields are key, value, key, value.
func (l *limactl) log(level, message string, fields ...string) {
	if l.json {
		entry := map[string]string{"level": level, "msg": message, "time": fakeTime}
		for i := 0; i < len(fields); i += 2 {
			entry[fields[i]] = fields[i+1]
		}
		text, _ := json.Marshal(entry)
		fmt.Fprintf(l.err, "%s\n", text)
		return
	}
	line := fmt.Sprintf("time=%q level=%s", fakeTime, level)
	for i, f := range append([]string{"msg", message}, fields...) {
		switch {
		case i%2 == 0:
			line += " " + f + "="
		case bareValue.MatchString(f):
			line += f
		default:
			line += strconv.Quote(f)
		}
	}
	fmt.Fprintln(l.err, line)
}

// verb is a subcommand: its flags, with whether they take a value, and what it does.
type verb struct {
	flags map[string]bool
	min   int
	max   int // -1: any number
	usage string
	short string
	do    func(l *limactl, flags map[string]string, args []string) error
}

func limactlVerbs() map[string]verb {
	none := map[string]bool{}
	force := map[string]bool{"force": false, "f": false}
	return map[string]verb{
		"list":     {map[string]bool{"format": true, "f": true, "json": false, "quiet": false, "q": false}, 0, -1, "list [flags] [INSTANCE]...", "List instances of Lima", (*limactl).list},
		"validate": {map[string]bool{"fill": false}, 1, -1, "validate TEMPLATE [TEMPLATE, ...] [flags]", "Validate YAML templates", (*limactl).validate},
		"create":   {map[string]bool{"name": true, "set": true}, 0, 1, "create FILE.yaml|URL [flags]", "Create an instance of Lima", (*limactl).create},
		"start": {map[string]bool{"name": true, "timeout": true, "foreground": false, "progress": false}, 0, 1,
			"start NAME|FILE.yaml|URL [flags]", "Start an instance of Lima", (*limactl).start},
		"template copy":   {map[string]bool{"embed-all": false}, 2, 2, "template copy [OPTIONS] TEMPLATE DEST [flags]", "Copy template", (*limactl).templateCopy},
		"edit":            {map[string]bool{"set": true, "start": false}, 1, 1, "edit INSTANCE|FILE.yaml [flags]", "Edit an instance of Lima or a template", (*limactl).edit},
		"stop":            {force, 0, -1, "stop INSTANCE [flags]", "Stop an instance", (*limactl).stop},
		"delete":          {force, 1, -1, "delete INSTANCE [INSTANCE, ...] [flags]", "Delete an instance of Lima", (*limactl).delete},
		"rename":          {map[string]bool{"start": false}, 2, 2, "rename OLDINST NEWINST [flags]", "Rename an instance of Lima", (*limactl).rename},
		"clone":           {map[string]bool{"start": false, "set": true}, 2, 2, "clone OLDINST NEWINST [flags]", "Clone an instance of Lima", (*limactl).clone},
		"snapshot create": {map[string]bool{"tag": true}, 1, -1, "snapshot create INSTANCE [flags]", "Create (save) a snapshot", (*limactl).snapshotCreate},
		"snapshot apply":  {map[string]bool{"tag": true}, 1, -1, "snapshot apply INSTANCE [flags]", "Apply (load) a snapshot", (*limactl).snapshotApply},
		"snapshot delete": {map[string]bool{"tag": true}, 1, -1, "snapshot delete INSTANCE [flags]", "Delete (del) a snapshot", (*limactl).snapshotDelete},
		"snapshot list":   {map[string]bool{"quiet": false, "q": false}, 1, -1, "snapshot list INSTANCE [flags]", "List existing snapshots", (*limactl).snapshotList},
		"protect":         {none, 1, -1, "protect INSTANCE [INSTANCE, ...] [flags]", "Protect an instance to prohibit accidental removal", (*limactl).protect},
		"unprotect":       {none, 1, -1, "unprotect INSTANCE [INSTANCE, ...] [flags]", "Unprotect an instance", (*limactl).unprotect},
		"shell":           {map[string]bool{"workdir": true, "shell": true, "start": false}, 0, -1, "shell [flags] INSTANCE [COMMAND...]", "Execute shell in Lima", (*limactl).shell},
		"disk create":     {map[string]bool{"size": true, "format": true}, 1, 1, "disk create DISK [flags]", "Create a Lima disk", (*limactl).diskCreate},
		"disk list":       {map[string]bool{"json": false}, 0, -1, "disk list [flags]", "List existing Lima disks", (*limactl).diskList},
		"disk delete":     {force, 1, -1, "disk delete DISK [DISK, ...] [flags]", "Delete one or more Lima disks", (*limactl).diskDelete},
		"disk unlock":     {none, 1, -1, "disk unlock DISK [DISK, ...] [flags]", "Unlock one or more Lima disks", (*limactl).diskUnlock},
		"disk resize":     {map[string]bool{"size": true}, 1, 1, "disk resize DISK [flags]", "Resize existing Lima disk", (*limactl).diskResize},
	}
}

// globalFlags stand before or after the subcommand.
var globalFlags = map[string]bool{"tty": false, "yes": false, "y": false, "debug": false,
	"log-format": true, "log-level": true, "version": false, "v": false}

func (l *limactl) command(args []string) error {
	name, v := "", verb{flags: map[string]bool{}, max: -1}
	flags, rest := map[string]string{}, []string{}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case name == "shell" && len(rest) > 0: // all that follows the instance is the guest's
			rest = append(rest, a)
		case a == "--":
			rest, args = append(rest, args...), nil
		case strings.HasPrefix(a, "-") && a != "-":
			var err error
			if args, err = parseFlag(a, args, v.flags, flags); err != nil {
				return err
			}
		case name == "" || name == "disk" || name == "template" || name == "snapshot":
			name = strings.TrimPrefix(name+" "+a, " ")
			var ok bool
			if v, ok = limactlVerbs()[name]; !ok && name != "disk" && name != "template" && name != "snapshot" {
				return fmt.Errorf("unknown command %q for \"limactl\"", a)
			}
		default:
			rest = append(rest, a)
		}
	}
	l.json = flags["log-format"] == "json"
	switch {
	case flags["version"] != "":
		fmt.Fprintln(l.out, "limactl version "+orElse(l.env("FAKE_LIMACTL_VERSION"), "2.2.0"))
		return nil
	case v.do == nil:
		return nil // help
	}
	if problem := countArgs(v, len(rest)); problem != "" {
		path := "limactl " + name
		return fmt.Errorf("`%s` %s.\nSee `%s --help`.\n\nUsage:  limactl %s\n\n%s", path, problem, path, v.usage, v.short)
	}
	return l.withFaults(name, flags, func() error { return v.do(l, flags, rest) })
}

func parseFlag(a string, rest []string, known map[string]bool, flags map[string]string) ([]string, error) {
	name, value, inline := strings.Cut(strings.TrimLeft(a, "-"), "=")
	takes, ok := known[name]
	if !ok {
		takes, ok = globalFlags[name]
	}
	switch {
	case !ok && !strings.HasPrefix(a, "--"):
		return nil, fmt.Errorf("unknown shorthand flag: %q in %s", name[0], a)
	case !ok:
		return nil, fmt.Errorf("unknown flag: --%s", name)
	case takes && !inline && len(rest) == 0:
		return nil, fmt.Errorf("flag needs an argument: %s", a)
	case takes && !inline:
		value, rest = rest[0], rest[1:]
	case !takes && !inline:
		value = "true"
	}
	long := map[string]string{"f": "force", "q": "quiet", "y": "yes", "v": "version"}
	if takes && name == "f" {
		name = "format"
	}
	flags[orElse(long[name], name)] = value
	return rest, nil
}

func countArgs(v verb, n int) string {
	switch {
	case v.min == v.max && n != v.min:
		return fmt.Sprintf("accepts %d arg(s), received %d", v.min, n)
	case n < v.min:
		return fmt.Sprintf("requires at least %d arg(s), only received %d", v.min, n)
	case v.max >= 0 && n > v.max:
		return fmt.Sprintf("accepts at most %d arg(s), received %d", v.max, n)
	}
	return ""
}

// withFaults does a step, unless the environment wants it to fail or to be cut off.
func (l *limactl) withFaults(name string, flags map[string]string, do func() error) error {
	step := strings.ReplaceAll(name, " ", "-")
	if name == "stop" && flags["force"] != "" {
		step = "stop-f"
	}
	switch wanted := l.env("FAKE_LIMACTL_KILL"); wanted {
	case "before:" + step, "amid:" + step:
		if strings.HasPrefix(wanted, "amid") {
			l.halfDone(step)
		}
		killParent()
	case "after:" + step:
		do()
		killParent()
	}
	if kind := l.fails(step); kind != "" {
		return l.fault(step, kind)
	}
	return do()
}

func killParent() {
	syscall.Kill(os.Getppid(), syscall.SIGKILL)
	os.Exit(1)
}

// fails counts the calls of a step and says how this one fails; "" where it does not.
func (l *limactl) fails(step string) string {
	calls := filepath.Join(l.home, "_fake", step)
	if l.env("FAKE_LIMACTL_FAIL") == "" {
		os.Remove(calls)
		return ""
	}
	os.MkdirAll(filepath.Dir(calls), 0o777)
	before, _ := os.ReadFile(calls)
	os.WriteFile(calls, append(before, '.'), 0o666)
	for _, word := range strings.Fields(l.env("FAKE_LIMACTL_FAIL")) {
		name, nth, counted := strings.Cut(word, ":")
		name, kind, _ := strings.Cut(name, "=")
		if name == step && (!counted || nth == strconv.Itoa(len(before)+1)) {
			return orElse(kind, "fails")
		}
	}
	return ""
}

// fault is what the real one says when a step fails.
func (l *limactl) fault(step, kind string) error {
	switch step + "=" + kind {
	case "create=fails":
		l.log("info", "Terminal is not available, proceeding without opening an editor")
		l.log("info", "Attempting to download the image", "arch", "x86_64", "digest", "", "location", "https://cloud.example.invalid/x.img")
		return fmt.Errorf("failed to download `https://cloud.example.invalid/x.img`: Get \"https://cloud.example.invalid/x.img\": dial tcp: lookup cloud.example.invalid: no such host")
	case "start=fails": // the lock on the home's disk stays
		for _, in := range l.instances() {
			l.lock(in)
		}
		return fmt.Errorf("exiting, status={Running:false Degraded:false Exiting:true Errors:[] SSHLocalPort:0 CloudInitProgress:<nil> PortForward:<nil> Vsock:<nil>} (hint: see `%s`)", filepath.Join(l.home, "…", "ha.stderr.log"))
	case "start=timeout": // the VM goes on booting
		for _, in := range l.instances() {
			l.run(in)
			os.Remove(filepath.Join(in.Dir, "ha.stdout.log"))
		}
		return fmt.Errorf("did not receive an event with the `running` status")
	case "start=deaf": // it boots, and nobody reaches it
		for _, in := range l.instances() {
			l.run(in)
			os.Remove(filepath.Join(in.Dir, "ha.stdout.log"))
			os.WriteFile(filepath.Join(in.Dir, "fake-ssh", "down"), nil, 0o666)
		}
		return fmt.Errorf("did not receive an event with the `running` status")
	case "stop=fails":
		return fmt.Errorf("timed out waiting for instance to shut down after 3 minutes")
	case "shell=fails":
		fmt.Fprintln(l.err, "kex_exchange_identification: Connection closed by remote host")
		return fakeExit(255)
	case "list=fails":
		fmt.Fprintln(l.err, "limactl: must not run as the root user")
		return fakeExit(1)
	}
	if kind == "hang" {
		return l.hang()
	}
	if status, ok := say(kind, "limactl/build.txtar", l.out, l.err); ok {
		return fakeExit(status)
	}
	return fmt.Errorf("%s: %s", step, kind)
}

// shell runs a command of the guest here, in a folder that stands for the guest;
// programs in guest-bin of the instance come first.
func (l *limactl) shell(flags map[string]string, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("requires instance name as first argument")
	}
	in, err := l.inspect(args[0])
	switch {
	case err != nil:
		return fmt.Errorf("instance `%s` does not exist, run `limactl create %s` to create a new instance", args[0], args[0])
	case in.Status == "Stopped":
		return fmt.Errorf("instance `%s` is stopped, run `limactl start %s` to start the instance", in.Name, in.Name)
	case in.Status != "Running":
		l.log("error", "Instance `"+in.Name+"` has configuration errors", "error", in.problem)
		fmt.Fprintln(l.err, "ssh: connect to host 127.0.0.1 port 60022: Connection refused")
		return fakeExit(255)
	}
	guest := filepath.Join(in.Dir, "guest")
	if err := os.MkdirAll(guest, 0o777); err != nil {
		return err
	}
	command := args[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if words := strings.Join(command, " "); words == "readlink /run/current-system" || words == "readlink -f /nix/var/nix/profiles/system" {
		return l.currentSystem(in)
	}
	if words := strings.Join(command, " "); words == "test -e /etc/vmloom-profile" {
		// A guest that was filled by its profile has the profile's system.
		if !exists(filepath.Join(in.Dir, "own")) && !exists(filepath.Join(guest, "etc", "fake")) {
			return fakeExit(1)
		}
		return nil
	}
	if g, ok := openGuest(in.Dir); ok && len(command) > 0 {
		cmd := g.command(command)
		cmd.Stdout, cmd.Stderr = l.out, l.err
		if exit, ok := cmd.Run().(*exec.ExitError); ok {
			return fakeExit(exit.ExitCode())
		}
		return nil
	}
	if len(command) > 0 && command[0] == "sudo" {
		return l.asRoot(in, command)
	}
	bin := filepath.Join(in.Dir, "guest-bin")
	if len(command) == 0 {
		command = []string{"sh"}
	} else if command[0] == "findmnt" {
		if _, err := os.Stat(filepath.Join(bin, "findmnt")); err != nil {
			fmt.Fprintln(l.out, l.homeLabel(in))
			return nil
		}
	}
	cmd := exec.Command("sh", append([]string{"-c", `PATH=$0:$PATH; exec "$@"`, bin}, command...)...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = guest, os.Stdin, l.out, l.err
	err = cmd.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		return fakeExit(exit.ExitCode())
	}
	return err
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
