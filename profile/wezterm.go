package profile

import (
	"slices"
	"strings"
)

// Key is one key binding in WezTerm's words.
type Key struct {
	// Key is a letter (upper case where Mods holds SHIFT, as WezTerm matches it), a digit or a named key.
	Key string
	// Mods are joined by "|": CMD|SHIFT.
	Mods string
}

// weztermMods in the order they are written, with their other names.
var weztermMods = []struct {
	name    string
	aliases []string
}{
	{"LEADER", nil},
	{"CMD", []string{"SUPER", "WIN"}},
	{"CTRL", []string{"CONTROL"}},
	{"ALT", []string{"OPT", "OPTION", "META"}},
	{"SHIFT", nil},
}

// namedKeys are WezTerm's names of keys that are not one character.
var namedKeys = strings.Fields(`Backspace Delete DownArrow End Enter Escape F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
	Home Insert LeftArrow PageDown PageUp RightArrow Space Tab UpArrow`)

// ParseKey reads CMD+SHIFT+T; ok is false where WezTerm would not take it.
func ParseKey(s string) (k Key, ok bool) {
	parts := strings.Split(s, "+")
	if strings.HasSuffix(s, "++") { // the key is the plus itself
		parts = append(strings.Split(strings.TrimSuffix(s, "++"), "+"), "+")
	}
	used := map[string]bool{}
	for _, m := range parts[:len(parts)-1] {
		name, known := modName(strings.ToUpper(m))
		if !known || used[name] {
			return Key{}, false
		}
		used[name] = true
	}
	var mods []string
	for _, m := range weztermMods {
		if used[m.name] {
			mods = append(mods, m.name)
		}
	}
	k = Key{Key: parts[len(parts)-1], Mods: strings.Join(mods, "|")}
	if len(k.Key) == 1 && k.Key[0] > ' ' && k.Key[0] < 0x7f {
		k.Key = strings.ToLower(k.Key)
		if used["SHIFT"] {
			k.Key = strings.ToUpper(k.Key)
		}
		return k, len(mods) > 0
	}
	return k, slices.Contains(namedKeys, k.Key)
}

func modName(m string) (string, bool) {
	for _, known := range weztermMods {
		if m == known.name || slices.Contains(known.aliases, m) {
			return known.name, true
		}
	}
	return "", false
}

// defaultKeys are WezTerm's own bindings that a key of ours may hide
// (docs/config/default-keys of WezTerm), in ParseKey's spelling.
var defaultKeys = map[Key]string{
	{"t", "CMD"}: "SpawnTab CurrentPaneDomain", {"T", "CMD|SHIFT"}: "SpawnTab DefaultDomain", {"T", "CTRL|SHIFT"}: "SpawnTab CurrentPaneDomain",
	{"c", "CMD"}: "CopyTo Clipboard", {"C", "CTRL|SHIFT"}: "CopyTo Clipboard", {"v", "CMD"}: "PasteFrom Clipboard", {"V", "CTRL|SHIFT"}: "PasteFrom Clipboard",
	{"n", "CMD"}: "SpawnWindow", {"N", "CTRL|SHIFT"}: "SpawnWindow", {"w", "CMD"}: "CloseCurrentTab", {"W", "CTRL|SHIFT"}: "CloseCurrentTab",
	{"m", "CMD"}: "Hide", {"M", "CTRL|SHIFT"}: "Hide", {"h", "CMD"}: "HideApplication", {"q", "CMD"}: "QuitApplication", {"Q", "CTRL|SHIFT"}: "QuitApplication",
	{"k", "CMD"}: "ClearScrollback", {"K", "CTRL|SHIFT"}: "ClearScrollback", {"f", "CMD"}: "Search", {"F", "CTRL|SHIFT"}: "Search",
	{"r", "CMD"}: "ReloadConfiguration", {"R", "CTRL|SHIFT"}: "ReloadConfiguration", {"L", "CTRL|SHIFT"}: "ShowDebugOverlay",
	{"P", "CTRL|SHIFT"}: "ActivateCommandPalette", {"U", "CTRL|SHIFT"}: "CharSelect", {"X", "CTRL|SHIFT"}: "ActivateCopyMode", {"Z", "CTRL|SHIFT"}: "TogglePaneZoomState",
	{"Space", "CTRL|SHIFT"}: "QuickSelect", {"Enter", "ALT"}: "ToggleFullScreen", {"Tab", "CTRL"}: "ActivateTabRelative", {"Tab", "CTRL|SHIFT"}: "ActivateTabRelative",
	{"-", "CMD"}: "DecreaseFontSize", {"=", "CMD"}: "IncreaseFontSize", {"0", "CMD"}: "ResetFontSize", {"-", "CTRL"}: "DecreaseFontSize", {"=", "CTRL"}: "IncreaseFontSize", {"0", "CTRL"}: "ResetFontSize",
	{"{", "CMD|SHIFT"}: "ActivateTabRelative", {"}", "CMD|SHIFT"}: "ActivateTabRelative", {"[", "CMD|SHIFT"}: "ActivateTabRelative", {"]", "CMD|SHIFT"}: "ActivateTabRelative",
	{"PageUp", "CTRL"}: "ActivateTabRelative", {"PageDown", "CTRL"}: "ActivateTabRelative", {"PageUp", "CTRL|SHIFT"}: "MoveTabRelative", {"PageDown", "CTRL|SHIFT"}: "MoveTabRelative",
	{"PageUp", "SHIFT"}: "ScrollByPage", {"PageDown", "SHIFT"}: "ScrollByPage", {"Insert", "CTRL"}: "CopyTo PrimarySelection", {"Insert", "SHIFT"}: "PasteFrom PrimarySelection",
	{"LeftArrow", "CTRL|SHIFT"}: "ActivatePaneDirection", {"RightArrow", "CTRL|SHIFT"}: "ActivatePaneDirection", {"UpArrow", "CTRL|SHIFT"}: "ActivatePaneDirection", {"DownArrow", "CTRL|SHIFT"}: "ActivatePaneDirection",
}

// DefaultAction is what WezTerm itself does at a key; empty: nothing.
func DefaultAction(k Key) string {
	if len(k.Key) == 1 && '1' <= k.Key[0] && k.Key[0] <= '9' && (k.Mods == "CMD" || k.Mods == "CTRL|SHIFT") {
		return "ActivateTab"
	}
	return defaultKeys[k]
}

func (p *Profile) validateWezTerm(d *decoder) {
	w := p.WezTerm
	if w == nil {
		return
	}
	switch at := "wezterm.domain"; {
	case !d.given(at) && d.wrong["name"]:
	case w.Domain == "local" || w.Domain == "unix":
		d.bad(at, w.Domain+" is WezTerm's own domain", "give domain: another name")
	}
	seen := map[Key]string{}
	check := func(at, s string) {
		k, ok := ParseKey(s)
		if !ok {
			d.bad(at, "must be modifiers and a key, such as CMD+SHIFT+T", "modifiers: CMD, CTRL, ALT, SHIFT, LEADER; keys: one character or a name such as Enter, F5, LeftArrow")
			return
		}
		if other, used := seen[k]; used {
			d.bad(at, "is bound by "+other+" already")
		}
		seen[k] = at
	}
	if w.Keys.Domains != "" {
		check("wezterm.keys.domains", w.Keys.Domains)
	}
	for i, s := range w.Keys.NewTab {
		check(item("wezterm.keys.newTab", i), s)
	}
}
