package host

import (
	"os"
	"path/filepath"
	"regexp"
)

// unused tells of a WezTerm module that the user's own configuration does not
// name yet; that file is never edited.
func unused(layout Layout, name string) []Change {
	use := regexp.MustCompile(`require\s*\(?\s*["']` + regexp.QuoteMeta(name) + `["']`)
	main := filepath.Join(layout.Config, "wezterm", "wezterm.lua")
	files := []string{filepath.Join(layout.Home, ".wezterm.lua")}
	for _, pattern := range []string{"*.lua", "*/*.lua"} {
		found, _ := filepath.Glob(filepath.Join(layout.Config, "wezterm", pattern))
		files = append(files, found...)
	}
	for _, file := range files {
		if filepath.Base(file) == name+".lua" {
			continue // its own comment shows the call
		}
		if text, err := os.ReadFile(file); err == nil && use.Match(text) {
			return nil
		}
	}
	if file := files[0]; !exists(main) && exists(file) {
		main = file
	}
	return []Change{{
		Op: Left, Does: "gives WezTerm the VM's domain", Why: main + ": does not name the module yet",
		Hint: `add before its "return config": require("` + name + `").apply(config)`,
	}}
}
