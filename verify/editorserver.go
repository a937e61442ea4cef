package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// serverRow asks by an ssh command, which is how editors ask, for what their servers need. Of an editor whose
// server the home has not it is silent, unless that is wanted.
func serverRow(p *profile.Profile, editors []profile.Editor, wanted bool) Check {
	editors = slices.DeleteFunc(slices.Clone(editors), func(e profile.Editor) bool { return e.ServerDir == "" })
	return inGuest(Check{
		ID: "editor/server", Title: "editors' servers have in the guest what they need", Not: "an editor's server lacks something in the guest", Field: "guest.user", Needs: []string{"access/ssh-config"},
		Because: say("the editor brings its server over ssh and starts it there"), Cure: say("see what ssh finds: %s", vmloom("ssh")),
		look: func(ctx context.Context, s *session) verdict {
			a := s.ask(ctx, overSSH(p, s.Site, "sh", "-c", serverLine(p)))
			told := readFacts(a)
			if !a.ok() || told["room"] == "" {
				return mute(a)
			}
			var fine []string
			for _, e := range editors {
				if !wanted && told[e.Name] == "" {
					continue
				}
				if v := lacking(e, told, a.before); v.status != "" {
					return v
				}
				if e.SFTP {
					if v := sftp(ctx, s, p); v.status != "" {
						return v
					}
				}
				fine = append(fine, e.Title)
			}
			if len(fine) == 0 {
				return good("the home has none") // all of none: a run is not left unproven for what nobody uses
			}
			return good("%s", strings.Join(fine, ", "))
		},
	})[0]
}

// serverLine tells of each editor whether its server is there and may be written, which of their programs run, and
// the home's room. It is the same for every editor, so that it runs once.
func serverLine(p *profile.Profile) string {
	lines := []string{
		`cd ` + shWord(p.Guest.User.Home) + ` || exit 1; h=$PWD; f() { echo "vmloom $1=$2"; }`,
		`f room "$(df -Pk "$h" | tail -n 1)"`,
	}
	var tools []string
	for _, e := range profile.Editors() {
		if e.ServerDir == "" {
			continue
		}
		lines = append(lines, fmt.Sprintf(`d=$h/%s; [ ! -d "$d" ] || f %s there; while [ ! -e "$d" ]; do d=${d%%/*}; done; [ ! -d "$d" ] || [ ! -w "$d" ] || f %[2]s-writable yes`, e.ServerDir, e.Name))
		for _, t := range slices.Concat(e.Tools...) {
			if !slices.Contains(tools, t) {
				tools = append(tools, t)
			}
		}
	}
	lines = append(lines, `for t in `+strings.Join(tools, " ")+`; do "$t" --version >/dev/null 2>&1 </dev/null && f "tool-$t" yes; done; true`)
	return strings.Join(lines, "; ")
}

// lacking is the verdict of the first thing that the guest lacks; zero: it lacks nothing.
func lacking(e profile.Editor, told facts, before string) verdict {
	for _, ways := range e.Tools {
		if !slices.ContainsFunc(ways, func(t string) bool { return told["tool-"+t] != "" }) {
			return bad("%s: an ssh command finds no %s", e.Title, strings.Join(ways, " or ")).since(
				say("its server is fetched, unpacked or started by it"), say("write %s into %s, then %s", ways[0], "guest.packages", vmloom("apply")))
		}
	}
	room, ok := space(told["room"])
	switch before = strings.TrimSpace(before); {
	case told[e.Name+"-writable"] == "":
		return bad("%s: the user may not write to ~/%s", e.Title, e.ServerDir).since(say("its server lies there"), say("see whose it is: %s", vmloom("ssh", "--", "ls -ld .")))
	case e.Quiet && before != "":
		return bad("%s: an ssh command prints %q of its own", e.Title, lastLine(before)).since(
			say("it reads what its commands print, and the start-up files of the user's shell print as well"), say("let them print in interactive shells alone"))
	case told[e.Name] == "" && !ok:
		return noWord("df", "tells nothing")
	case told[e.Name] == "" && room.free<<10 < int64(e.Room):
		return bad("%s: %s free in the home, its server takes up to %s", e.Title, inKiB(room.free), inKiB(int64(e.Room)>>10)).since(
			say("its server lies in the home"), say("%s frees room in the guest, %s gives the home more", vmloom("clean"), "home.disk"))
	}
	return verdict{}
}

// sftp is the verdict of a guest that serves none. Without a request sftp-server says nothing, and ends with its input.
func sftp(ctx context.Context, s *session, p *profile.Profile) verdict {
	words := runBy(p).ssh(p, s.Site)
	last := len(words) - 1
	a := s.ask(ctx, process.Cmd{Args: append(slices.Clone(words[:last]), "-s", words[last], "sftp")})
	switch {
	case strings.Contains(a.talk, "subsystem request failed"):
		return bad("the guest's sshd serves no sftp").since(say("the editor copies its server by it"), say("its sshd_config wants %s", "Subsystem sftp internal-sftp"))
	case !a.ok():
		return mute(a)
	}
	return verdict{}
}
