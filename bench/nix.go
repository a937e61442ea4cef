package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// nix has it write the files of n profiles too: those of one of each system, with the name of each of the n in the
// place of that one's, which is all that is left to compute.
func (b bed) nix(nix, profiles string, n int) (cost, error) {
	var texts strings.Builder
	for i := range min(n, len(systems)) {
		text, err := nixDirectory(filepath.Dir(profileFile(profiles, i)), fmt.Sprintf("vm-%05d", i))
		if err != nil {
			return cost{}, err
		}
		fmt.Fprintf(&texts, "(n: %s)\n", text)
	}
	expression := filepath.Join(b.dir, "files.nix")
	if err := os.WriteFile(expression, fmt.Appendf(nil, `let texts = [ %s]; in
builtins.listToAttrs (builtins.genList (i: let n = "vm-${toString i}"; in {
  name = n;
  value = builtins.elemAt texts (i - i / builtins.length texts * builtins.length texts) n;
}) %d)
`, texts.String(), n), 0o644); err != nil {
		return cost{}, err
	}
	return process(nix, "--extra-experimental-features", "nix-command", "eval", "--store", "dummy://", "--offline",
		"--write-to", filepath.Join(b.dir, "nix"), "--file", expression)
}

// nixDirectory is a directory as nix eval --write-to takes one, with n for a name.
func nixDirectory(dir, name string) (string, error) {
	literal := func(s string) string {
		s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(s)
		return `"` + strings.ReplaceAll(s, name, "${n}") + `"`
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, e := range entries {
		if e.Name() == profileName {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			within, err := nixDirectory(path, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&out, "%s = %s;\n", literal(e.Name()), within)
			continue
		}
		text, err := content(path, nil)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s = %s;\n", literal(e.Name()), literal(string(text)))
	}
	return "{ " + out.String() + "}", nil
}
