package verify

import (
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// Loaders are where programs that were made for other systems look for theirs; NixOS has one there that only tells
// why it runs nothing.
const (
	loaders    = "/lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1"
	loaderStub = "stub-ld"
)

// editorRows hold the guest to what the servers of remote editors need, of those whose server the home has.
func editorRows(p *profile.Profile) []Check {
	return append(loaderRows(p, false), serverRow(p, profile.Editors(), false))
}

// Opening is Checks for somebody who is about to open an editor: what its server needs counts before the home has it.
func Opening(p *profile.Profile, e profile.Editor) []Check {
	rows := slices.DeleteFunc(Checks(p), func(c Check) bool { return matches(c.ID, "editor") })
	if e.Server != "" {
		rows = append(rows, inWords(p, loaderRows(p, true))...)
	}
	if e.ServerDir != "" {
		rows = append(rows, inWords(p, []Check{serverRow(p, []profile.Editor{e}, true)})...)
	}
	return rows
}

// loaderRows ask for the loader, where a guest may lack it. It counts where the profile promises it, the home has such
// a server, or is about to.
func loaderRows(p *profile.Profile, wanted bool) []Check {
	if p.System().NoForeign == "" {
		return nil
	}
	line := `h=` + shWord(p.Guest.User.Home) + `; s=none; for d in ` + strings.Join(serverDirs(), " ") + `; do [ ! -d "$h/$d" ] || s=$d; done; echo "vmloom server=$s"; ` +
		`l=none; for x in ` + loaders + `; do [ ! -e "$x" ] || l=$(readlink -f "$x"); done; echo "vmloom loader=$l"`
	c := Check{
		ID: "editor/loader", Title: "editors' servers run in the guest", Not: "editors' servers do not run in the guest", Field: "guest.system",
		Because: say(p.System().NoForeign), Cure: say("an editor that brings nothing to run: %s", vmloom("editor", "zed")),
		steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, line)} },
		judge: func(_ *Site, a []answer) verdict {
			told := readFacts(a[0])
			server, loader := told["server"], told["loader"]
			switch {
			case !a[0].ok() || server == "" || loader == "":
				return mute(a[0])
			case loader != "none" && !strings.Contains(loader, loaderStub):
				return good("%s", loader)
			case p.RunsForeign() || wanted:
				return bad("the guest has no loader for them")
			case server == "none":
				return skip("the home has none")
			}
			return bad("~/%s is there, and no loader for it", server)
		},
	}
	switch {
	case p.RunsForeign():
		c.Field, c.Because, c.Cure = "nix.ld", say("the guest's system was made before the profile was changed"), callApply
	case p.HasFlake():
		c.Field, c.Cure = "nix.ld", say("write %s into the profile, then %s", "nix: {ld: true}", vmloom("apply"))
	}
	return inGuest(c)
}

func serverDirs() (dirs []string) {
	for _, e := range profile.Editors() {
		if e.Server != "" {
			dirs = append(dirs, e.ServerDir)
		}
	}
	return dirs
}
