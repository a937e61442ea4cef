package verify

import (
	"strconv"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// homeOwned asks whether the home is the guest's user's: one that comes from another system may be of another number.
// Of what lies in it two levels are looked at, and only what is nobody's who has an account.
func homeOwned(p *profile.Profile) Check {
	home := shWord(p.Guest.User.Home)
	line := `echo "vmloom me=$(id -u)"; echo "vmloom owner=$(stat -c %u ` + home + `)"; echo "vmloom disk=$(stat -c %d ` + home + `)"; ` +
		`find ` + home + ` -xdev -maxdepth 2 -nouser -exec stat -c "vmloom stray=%u %d %n" {} + 2>/dev/null | head -n 100`
	return Check{
		ID: "home/owner", Title: "the home's files are its user's", Not: "the home's files are not its user's", Field: "guest.user.uid",
		Because: say("the home comes from a system where its user had another number"),
		Cure:    say("%s, and there: %s", vmloom("ssh"), homeGiven(p, "NUMBER")),
		steps:   func(s *Site) []process.Step { return []process.Step{guestStep(p, s, line)} },
		judge: func(_ *Site, a []answer) verdict {
			told := readFacts(a[0])
			me, owner := told["me"], told["owner"]
			if !a[0].ok() || me == "" || owner == "" {
				return mute(a[0])
			}
			if owner != me {
				return strayHome(p, owner, "it is of number %s, and you are %s", owner, me)
			}
			for line := range strings.Lines(a[0].out) {
				stray, found := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "vmloom stray=")
				part := strings.SplitN(stray, " ", 3)
				// A mount has numbers of its own, services and containers have theirs.
				if !found || len(part) != 3 || part[1] != told["disk"] || !ofPerson(part[0]) {
					continue
				}
				return strayHome(p, part[0], "%s is of number %s, whom the guest does not know", part[2], part[0])
			}
			return good("number %s", owner)
		},
	}
}

func strayHome(p *profile.Profile, number, format string, args ...any) verdict {
	return bad(format, args...).since(say("the home comes from a system where its user had the number %s", number), say("%s, and there: %s", vmloom("ssh"), homeGiven(p, number)))
}

// homeGiven is the command that gives the user what a number has.
func homeGiven(p *profile.Profile, number string) string {
	home, name := shWord(p.Guest.User.Home), p.Guest.User.Name
	return "sudo find " + home + " -xdev -user " + number + " -exec chown -h " + name + ": {} +"
}

// ofPerson reports whether a number is one that systems give to people; a Mac's begin at 501.
func ofPerson(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && (n > 500 && n < 600 || n >= 1000 && n < 60000)
}
