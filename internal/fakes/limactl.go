package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
