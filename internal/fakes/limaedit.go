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

// editYAML does what yq does with the two expressions that vmloom has for it.
func editYAML(doc []byte, expression string) ([]byte, error) {
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
