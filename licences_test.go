package vmloom_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licences that go with vmloom's own, each by a sentence that it alone has.
var licences = []struct{ name, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0, January 2004"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"BSD", "Redistribution and use in source and binary forms, with or without modification, are permitted"},
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)([.-].*)?$`)

// TestLicences holds that everything linked into the program, on each system that
// it is for, may be given on with it.
func TestLicences(t *testing.T) {
	modules := map[string]string{} // where each is
	for _, system := range []string{"linux", "darwin"} {
		maps.Copy(modules, linked(t, system))
	}
	if len(modules) < 10 {
		t.Errorf("only %d modules", len(modules))
	}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		entries, err := os.ReadDir(modules[path])
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		found := 0
		for _, e := range entries {
			if e.IsDir() || !licenceFile.MatchString(e.Name()) {
				continue
			}
			found++
			text, err := os.ReadFile(filepath.Join(modules[path], e.Name()))
			if name := licenceOf(string(text)); err != nil || name == "" {
				t.Errorf("%s: %s is none of the licences that go with ours (%v)", path, e.Name(), err)
			} else {
				t.Logf("%s: %s", path, name)
			}
		}
		if found == 0 {
			t.Errorf("%s: has no licence", path)
		}
	}
}

func TestLicenceOf(t *testing.T) {
	for text, want := range map[string]string{
		"MIT\n\nPermission is hereby granted, free of charge,\n   to any person obtaining a copy\nof this": "MIT",
		"GNU GENERAL PUBLIC LICENSE Version 3": "",
		"Permission is hereby granted, free of charge, to any person obtaining a copy, under the GNU Lesser General Public License": "",
		"": "",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
}

// licenceOf names the licence of a text; empty: none that is known, or more than one.
func licenceOf(text string) (name string) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, ">", " ")), " ") // some are quoted
	if regexp.MustCompile(`(?i)general public licen[cs]e|mozilla public|commons clause|business source`).MatchString(text) {
		return ""
	}
	for _, l := range licences {
		if strings.Contains(text, l.sentence) {
			return l.name
		}
	}
	return ""
}

// linked are the modules whose packages the program links, and their directories.
func linked(t *testing.T, system string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/vmloom")
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, talk.String())
	}
	modules := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Module *struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return modules
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main {
			modules[p.Module.Path] = p.Module.Dir
		}
	}
}
