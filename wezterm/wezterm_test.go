package wezterm

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRequires(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string // by path below the home
		want  string
	}{
		"nothing there":        {nil, ""},
		"call":                 {map[string]string{".config/wezterm/wezterm.lua": `require("box").apply(config)`}, ".config/wezterm/wezterm.lua"},
		"no brackets":          {map[string]string{".config/wezterm/wezterm.lua": `local b = require 'box'`}, ".config/wezterm/wezterm.lua"},
		"long text":            {map[string]string{".config/wezterm/wezterm.lua": `require [[box]]`}, ".config/wezterm/wezterm.lua"},
		"pcall":                {map[string]string{".config/wezterm/wezterm.lua": `pcall(require, "box")`}, ".config/wezterm/wezterm.lua"},
		"after a text with --": {map[string]string{".config/wezterm/wezterm.lua": `x = "--" require("box")`}, ".config/wezterm/wezterm.lua"},
		"comment":              {map[string]string{".config/wezterm/wezterm.lua": `-- require("box").apply(config)`}, ""},
		"comment at its end":   {map[string]string{".config/wezterm/wezterm.lua": `return config -- require("box")`}, ""},
		"long comment":         {map[string]string{".config/wezterm/wezterm.lua": "--[[\nrequire(\"box\")\n]]"}, ""},
		"longer comment":       {map[string]string{".config/wezterm/wezterm.lua": "--[==[ ]]\nrequire(\"box\")\n]==]"}, ""},
		"after a long comment": {map[string]string{".config/wezterm/wezterm.lua": "--[[\n]] require(\"box\")"}, ".config/wezterm/wezterm.lua"},
		"in a text":            {map[string]string{".config/wezterm/wezterm.lua": `print('require("box")')`}, ""},
		"in a long text":       {map[string]string{".config/wezterm/wezterm.lua": "s = [=[\nrequire(\"box\")\n]=]"}, ""},
		"another module":       {map[string]string{".config/wezterm/wezterm.lua": `require("box-old")`}, ""},
		"another function":     {map[string]string{".config/wezterm/wezterm.lua": `my_require("box")`}, ""},
		"the module itself":    {map[string]string{".config/wezterm/box.lua": `-- require("box").apply(config)`}, ""},
		"a file nobody reads":  {map[string]string{".config/wezterm/wezterm.lua": `return {}`, ".config/wezterm/old.lua": `require("box")`}, ""},
		"by way of another": {map[string]string{
			".config/wezterm/wezterm.lua": `require("my.domains")`, ".config/wezterm/my/domains.lua": `require("box")`}, ".config/wezterm/my/domains.lua"},
		"by a computed name": {map[string]string{
			".config/wezterm/wezterm.lua": `for _, m in ipairs(all) do require(m) end`, ".config/wezterm/domains.lua": `require("box")`}, ".config/wezterm/domains.lua"},
		"round and round":     {map[string]string{".config/wezterm/wezterm.lua": `require("wezterm")`}, ""},
		"the old place":       {map[string]string{".wezterm.lua": `require("box")`}, ".wezterm.lua"},
		"the old place first": {map[string]string{".wezterm.lua": `return {}`, ".config/wezterm/wezterm.lua": `require("box")`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			for path, text := range c.files {
				file := filepath.Join(home, path)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := c.want
			if want != "" {
				want = filepath.Join(home, want)
			}
			if got := (Files{home, filepath.Join(home, ".config")}).Requires("box"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
