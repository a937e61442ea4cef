package host

import (
	"vmloom/cure"
	"vmloom/wezterm"
)

// unused reports a WezTerm module that the user's own configuration does not
// use yet; that file is never edited.
func unused(layout Layout, name string) []Change {
	files := wezterm.Files{Home: layout.Home, Config: layout.Config}
	if files.Requires(name) != "" {
		return nil
	}
	return []Change{{
		Op: Left, Does: "gives WezTerm the VM's domain", Why: files.Main() + ": does not name the module yet",
		Hint: cure.Say("add before its %s: %s", `"return config"`, `require("`+name+`").apply(config)`),
	}}
}
