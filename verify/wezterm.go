package verify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
	"vmloom/wezterm"
)

// wezTermRows are what WezTerm on the host needs.
func wezTermRows(p *profile.Profile) []Check {
	w := p.WezTerm
	if w == nil || !p.Wants("wezterm") {
		return nil
	}
	module := func(s *Site) string { return filepath.Join(s.Config, "wezterm", p.Name+".lua") }
	line := `require("` + p.Name + `").apply(config)`
	rows := []Check{
		{
			ID: "wezterm/installed", Title: "WezTerm has the module of the profile", Not: "WezTerm has not got the module of the profile", Field: "wezterm", Side: Host, State: true,
			Because: say("it was not installed yet, or the profile was changed since"), Cure: callUp,
			look: func(_ context.Context, s *session) verdict {
				data, err := atomic.Read(module(s.Site), atomic.Most)
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return bad("there is no %s", module(s.Site))
				case err != nil:
					return unreadable(err)
				case !bytes.Equal(data, s.Files["wezterm/"+p.Name+".lua"]):
					return bad("%s is not what the profile makes", module(s.Site))
				}
				return good("%s", module(s.Site))
			},
		},
		{
			ID: "wezterm/loads", Title: "the module is Lua", Not: "the module is not Lua", Field: "wezterm", Side: Host, Needs: []string{"wezterm/installed"},
			Because: say("the file is damaged"), Cure: say("%s, then %s", vmloom("gen"), vmloom("up")),
			steps: func(s *Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"luac", "-v"}}}, {Cmd: process.Cmd{Args: []string{"luac", "-p", module(s)}}}}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch {
				case a[0].missing():
					return skip("no luac on this host; the file is as it was generated")
				case !a[0].ok() || !strings.HasPrefix(a[0].out, "Lua"):
					return noWord("luac -v", cmp.Or(lastLine(a[0].out), a[0].why()))
				case a[1].status == 1: // as it says of what is no Lua
					return bad("%s", a[1].why())
				case !a[1].ok():
					return noWord("luac", a[1].why())
				}
				return good("luac reads it")
			},
		},
		{
			ID: "wezterm/required", Title: "your wezterm.lua uses it", Not: "your wezterm.lua does not use it", Field: "wezterm", Side: Host,
			Because: say("your own configuration is never edited"), Cure: say("write before its %s: %s", "return config", line),
			look: func(_ context.Context, s *session) verdict { return requires(s.Site, p.Name) },
		},
		weztermConnects(p),
	}
	if w.Keys.Domains != "" || len(w.Keys.NewTab) > 0 {
		rows = append(rows, weztermKeys(p))
	}
	return rows
}

// requires looks into the files that WezTerm reads.
func requires(s *Site, name string) verdict {
	files := wezterm.Files{Home: s.Home, Config: s.Config}
	if file := files.Requires(name); file != "" {
		return good("%s", file)
	}
	return bad("%s does not name the module %s", files.Main(), name)
}

// weztermConnects does what a tab of the domain does first.
func weztermConnects(p *profile.Profile) Check {
	c := wayRow(p, Check{
		ID: "wezterm/connects", Title: "what the domain " + p.WezTerm.Domain + " runs reaches the guest", Not: "what the domain " + p.WezTerm.Domain + " runs does not reach the guest", Field: "wezterm.domain", Needs: []string{reached},
		Because: say("the VM does not run"), Cure: callUp,
	}, byFile(p))
	switch p.WezTerm.Via {
	case "exec":
		c.See = say("WezTerm's tab closes at once")
	case "mux":
		c.Because, c.Cure = say("%s in the guest is missing, or not of the host's version", "wezterm"), say("name its package in %s, then %s", "guest.packages", vmloom("apply"))
		plain := c.steps
		c.steps = func(s *Site) []process.Step {
			steps := plain(s)
			steps = append(steps, process.Step{Cmd: overSSH(p, s, "wezterm", "--version")})
			return append(steps, process.Step{Cmd: process.Cmd{Args: []string{"wezterm", "--version"}}})
		}
		c.judge = func(s *Site, a []answer) verdict {
			if v := sameGuest(s, a); v.status == Failed {
				return v.since(say("the VM does not run"), callUp)
			} else if v.status != OK {
				return v
			}
			switch there := a[2]; {
			case there.lost != "":
				return unknown("%s", there.lost)
			case !there.ok():
				return bad("%s", there.why())
			case a[3].missing():
				return skip("%s in the guest; no wezterm on this PATH to compare with", lastLine(there.out))
			case !a[3].ok():
				return noWord("wezterm --version", a[3].why())
			case lastLine(there.out) != lastLine(a[3].out):
				return bad("%s in the guest, %s here", lastLine(there.out), lastLine(a[3].out))
			}
			return good("%s on both sides", lastLine(a[2].out))
		}
	}
	return c
}

// weztermKeys asks WezTerm itself for its keys (wezterm show-keys, since 20220624).
func weztermKeys(p *profile.Profile) Check {
	k := p.WezTerm.Keys
	bound := map[string]string{} // what was written, and the action it needs
	order := slices.Clone(k.NewTab)
	if k.Domains != "" {
		order = append([]string{k.Domains}, order...)
		bound[k.Domains] = "ShowLauncherArgs"
	}
	for _, key := range k.NewTab {
		bound[key] = `"` + p.WezTerm.Domain + `"`
	}
	return Check{
		ID: "wezterm/keys", Title: strings.Join(order, ", ") + " are bound", Not: "not bound: one of " + strings.Join(order, ", "), Field: "wezterm.keys", Side: Host, Needs: []string{"wezterm/installed", "wezterm/required"},
		Because: say("your wezterm.lua binds them after the module, or sets %s again", "config.keys"), Cure: say("call %s last", "apply(config)"),
		steps: func(*Site) []process.Step {
			return []process.Step{{Cmd: process.Cmd{Args: []string{"wezterm", "show-keys"}}}}
		},
		judge: func(_ *Site, a []answer) verdict {
			if a[0].missing() {
				return skip("no wezterm on this PATH to ask")
			}
			if !a[0].ok() {
				return noWord("wezterm show-keys", a[0].why())
			}
			var lost []string
			for _, key := range order {
				if want, ok := profile.ParseKey(key); !ok || !shownKey(a[0].out, want, bound[key]) {
					lost = append(lost, key)
				}
			}
			if len(lost) > 0 {
				return bad("not bound: %s", strings.Join(lost, ", "))
			}
			return good("%d keys", len(order))
		},
	}
}

// shownKey finds "SHIFT | SUPER   T   ->   SpawnTab(…)" in the default key table.
func shownKey(shown string, want profile.Key, action string) bool {
	table, _, _ := strings.Cut(shown, "Key Table:")
	mods := strings.Split(strings.ReplaceAll(want.Mods, "CMD", "SUPER"), "|")
	slices.Sort(mods)
	for line := range strings.Lines(table) {
		keys, does, ok := strings.Cut(line, "->")
		f := strings.Fields(strings.ReplaceAll(keys, "|", " "))
		if !ok || len(f) == 0 {
			continue
		}
		got := f[:len(f)-1]
		slices.Sort(got)
		key := f[len(f)-1]
		if _, plain, mapped := strings.Cut(key, ":"); mapped && plain != "" {
			key = plain // phys:T, mapped:T
		}
		if strings.EqualFold(key, want.Key) && slices.Equal(got, mods) && strings.Contains(does, action) {
			return true
		}
	}
	return false
}
