// Package wezterm reads what a user wrote for WezTerm. In goes the directory of
// his configuration; out come its Lua as tokens, and which file of those that
// WezTerm reads requires a module. It runs no Lua, and writes nothing.
package wezterm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
)

// Files are where WezTerm looks for configuration.
type Files struct {
	// Home of the user, and the directory of programs' configuration (~/.config).
	Home, Config string
}

// Main is the file that WezTerm reads first, or would.
func (f Files) Main() string {
	old, usual := filepath.Join(f.Home, ".wezterm.lua"), filepath.Join(f.Config, "wezterm", "wezterm.lua")
	if _, err := os.Stat(old); err == nil { // WezTerm's config.rs: it comes first
		return old
	}
	return usual
}

// Requires names the file that requires the module; empty: none does. It follows
// the modules that are required by a plain name from the main file on; where one
// is required by a name that only running it would tell, any file there counts.
func (f Files) Requires(module string) string {
	queue, seen, computed := []string{f.Main()}, map[string]bool{}, false
	for len(queue) > 0 {
		file := queue[0]
		queue = queue[1:]
		if seen[file] {
			continue
		}
		seen[file] = true
		data, err := atomic.Read(file, atomic.Most)
		if err != nil {
			continue
		}
		names, more := required(Tokens(string(data)))
		if slices.Contains(names, module) {
			return file
		}
		computed = computed || more
		for _, name := range names {
			queue = append(queue, f.moduleFiles(name)...)
		}
	}
	if computed {
		return f.anyRequires(module)
	}
	return ""
}

// moduleFiles are where Lua looks for a module, as WezTerm sets its path.
func (f Files) moduleFiles(name string) (out []string) {
	path := strings.ReplaceAll(name, ".", "/")
	if !filepath.IsLocal(path) {
		return nil
	}
	for _, dir := range []string{filepath.Join(f.Home, ".wezterm"), filepath.Join(f.Config, "wezterm")} {
		out = append(out, filepath.Join(dir, path+".lua"), filepath.Join(dir, path, "init.lua"))
	}
	return out
}

func (f Files) anyRequires(module string) string {
	for _, pattern := range []string{"*.lua", "*/*.lua"} {
		found, _ := filepath.Glob(filepath.Join(f.Config, "wezterm", pattern))
		for _, file := range found {
			data, err := atomic.Read(file, atomic.Most)
			if err != nil || filepath.Base(file) == module+".lua" {
				continue
			}
			if names, _ := required(Tokens(string(data))); slices.Contains(names, module) {
				return file
			}
		}
	}
	return ""
}

// required are the modules that a text requires by plain names: require "m",
// require("m"), pcall(require, "m"); computed: one by some other expression.
func required(tokens []Token) (names []string, computed bool) {
	for i, t := range tokens {
		if t.Kind != 'n' || t.Text != "require" {
			continue
		}
		rest := tokens[i+1:]
		if len(rest) > 0 && (rest[0].Kind == '(' || rest[0].Kind == ',') {
			rest = rest[1:]
		}
		switch {
		case len(rest) == 0:
		case rest[0].Kind == 's' && (len(rest) == 1 || rest[1].Kind != '.'):
			names = append(names, rest[0].Text)
		default:
			computed = true
		}
	}
	return names, computed
}
