package main

import (
	"errors"
	"fmt"
	"os"
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
	out, err := editYAML(data, flags["set"])
	if err != nil || string(out) == string(data) {
		l.log("info", "Aborting, no changes made to the instance")
		return err
	}
	l.log("info", "Instance `"+in.Name+"` configuration edited")
	return os.WriteFile(file, out, 0o644)
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
