package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// edit changes lima.yaml as --set says, which takes an instance that does not run.
func (l *limactl) edit(flags map[string]string, args []string) error {
	in, err := l.inspect(args[0])
	switch {
	case err != nil:
		return fmt.Errorf("instance `%s` not found", args[0])
	case in.Status == "Running":
		return errors.New("cannot edit a running instance")
	}
	file := filepath.Join(in.Dir, "lima.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var out []byte
	if flags["set"] == "" {
		out, err = l.inEditor(data)
	} else {
		out, err = editYAML(data, flags["set"])
	}
	if err != nil || string(out) == string(data) {
		l.log("info", "Aborting, no changes made to the instance")
		return err
	}
	now, err := readLimaYAML(out)
	if err == nil && fakeBytes(orElse(now.Disk, "100GiB")) < in.Disk {
		err = fmt.Errorf("failed to validate YAML: field `disk`: shrinking the disk (%s --> %s) is not supported", fakeSize(in.Disk), orElse(now.Disk, "100GiB"))
	}
	if err != nil {
		os.WriteFile("lima.REJECTED.yaml", out, 0o644)
		return fmt.Errorf("%w; the original file was not changed, and the edited one saved as `lima.REJECTED.yaml`", err)
	}
	l.log("info", "Instance `"+in.Name+"` configuration edited")
	return os.WriteFile(file, out, 0o644)
}

// inEditor has the user's editor change a copy, as the real one does where there is a terminal, or --tty=true says so.
func (l *limactl) inEditor(data []byte) ([]byte, error) {
	f, err := os.CreateTemp("", "fake-lima-editor")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	f.Write(data)
	f.Close()
	editor := exec.Command(l.env("VISUAL"), f.Name())
	editor.Stderr = l.err
	if err := editor.Run(); err != nil {
		return nil, fmt.Errorf("could not invoke editor: %w", err)
	}
	return os.ReadFile(f.Name())
}

// templateCopy prints a template with its base merged in, which in the fake is nothing.
func (l *limactl) templateCopy(_ map[string]string, args []string) error {
	data, err := os.ReadFile(args[0])
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "base:") {
			fmt.Fprint(l.out, line)
		}
	}
	return err
}

// editYAML does what yq does with the expressions that vmloom has for it.
func editYAML(doc []byte, expression string) (_ []byte, err error) {
	for one := range strings.SplitSeq(expression, " | ") {
		if key, value, is := strings.Cut(one, " = "); is && !strings.HasPrefix(one, ".additionalDisks") {
			doc, err = setYAML(doc, strings.Split(strings.TrimPrefix(key, "."), "."), value)
		} else {
			doc, err = editDisks(doc, one)
		}
		if err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// setYAML replaces the value of a key, or of a key in a mapping of the root.
func setYAML(doc []byte, path []string, value string) ([]byte, error) {
	var out strings.Builder
	done, inside := false, len(path) == 1
	for line := range strings.Lines(string(doc)) {
		if len(path) == 2 && line[0] != ' ' {
			inside = line == path[0]+":\n"
		}
		key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		if inside && !done && key == path[len(path)-1] && strings.HasPrefix(line, strings.Repeat("  ", len(path)-1)+key) {
			line, done = strings.Repeat("  ", len(path)-1)+key+": "+value+"\n", true
		}
		out.WriteString(line)
	}
	if !done && len(path) == 1 {
		return []byte(out.String() + path[0] + ": " + value + "\n"), nil
	}
	if !done {
		return nil, fmt.Errorf("the fake has no yq for a key that is not there: %s", strings.Join(path, "."))
	}
	return []byte(out.String()), nil
}

func editDisks(doc []byte, expression string) ([]byte, error) {
	disks, set := strings.CutPrefix(expression, ".additionalDisks = ")
	switch {
	case expression == "":
		return doc, nil
	case !set && expression != "del(.additionalDisks)":
		return nil, fmt.Errorf("the fake has no yq for %s", expression)
	}
	var kept []string
	inside := false
	for line := range strings.Lines(string(doc)) {
		if inside = strings.HasPrefix(line, "additionalDisks:") || inside && (line[0] == ' ' || line[0] == '-'); !inside {
			kept = append(kept, line)
		}
	}
	if set {
		kept = append(kept, "additionalDisks: "+disks+"\n")
	}
	return []byte(strings.Join(kept, "")), nil
}
