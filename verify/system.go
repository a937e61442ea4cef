package verify

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// systemRows are what the guest is.
func systemRows(p *profile.Profile) []Check {
	u, g := p.Guest.User, p.Guest
	made := say("the VM was made before the profile was changed")
	row := func(id, what, is, field, name string, wanted ...string) Check {
		return Check{ID: id, Title: what + is, Not: what + "not " + is, Field: field, Because: made, Cure: callApply, steps: fact(p), judge: isFact(name, wanted...)}
	}
	rows := []Check{
		systemRow(p),
		archRow(p, row),
		row("guest/hostname", "the guest's host name is ", g.Hostname, hostnameField(p), "host", g.Hostname),
		row("user/name", "you are ", u.Name+" in the guest", "guest.user.name", "user", u.Name),
		uidRow(row("user/uid", "your number there is ", u.UID.String(), "guest.user.uid", "uid", u.UID.String()), u.UID),
		row("user/home", "your home there is ", u.Home, "guest.user.home", "home", u.Home),
		{
			ID: "user/shell", Title: "your shell there is " + u.Shell, Not: "your shell there is not " + u.Shell, Field: "guest.user.shell", Because: made, Cure: callApply,
			steps: func(s *Site) []process.Step { return []process.Step{{Cmd: inside(p, s, "cat", "/etc/passwd")}} },
			judge: shellOf(u.Name, u.Shell),
		},
		cpuRow(p, made),
	}
	if g.Timezone != "" {
		rows = append(rows, Check{
			ID: "guest/timezone", Title: "the guest's time zone is " + g.Timezone, Not: "the guest's time zone is not " + g.Timezone, Field: "guest.timezone", Because: made, Cure: callApply,
			steps: fact(p), judge: func(_ *Site, a []answer) verdict {
				f := readFacts(a[0])
				switch {
				case len(f) == 0:
					return mute(a[0])
				case !strings.HasSuffix(f["zone"], "/"+g.Timezone):
					return bad("/etc/localtime is %s", orNothing(f["zone"]))
				}
				return good("%s", g.Timezone)
			},
		})
	}
	if g.Locale != "" {
		rows = append(rows, localeRow(p, made))
	}
	rows = append(rows, clockRow(p))
	rows = append(rows, envRows(p)...)
	if len(u.AuthorizedKeys) > 0 {
		rows = append(rows, keyRow(p, made))
	}
	return inGuest(rows...)
}

// localeRow looks at what a session starts with, not at a session: ssh may bring the host's LANG along.
func localeRow(p *profile.Profile, made Text) Check {
	normal := strings.NewReplacer("UTF-8", "utf8", `"`, "").Replace // as the C library compares them
	want := p.Guest.Locale
	line := "sed -n s/^LANG=//p /etc/default/locale /etc/locale.conf /etc/environment 2>/dev/null | head -n 1; " +
		"! command -v locale >/dev/null || LC_ALL=" + want + " locale charmap"
	return Check{
		ID: "guest/locale", Title: "the guest's locale is " + want, Not: "the guest's locale is not " + want, Field: "guest.locale", Because: made, Cure: callApply,
		steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, line)} },
		judge: func(_ *Site, a []answer) verdict {
			lines := strings.Fields(a[0].out)
			switch {
			case !a[0].ok() && a[0].talk == "":
				return mute(a[0])
			case !slices.ContainsFunc(lines, func(l string) bool { return normal(l) == normal(want) }):
				return bad("it is %s", orNothing(strings.Join(lines, " ")))
			case strings.Contains(a[0].talk, "locale:") || a[0].ok() && len(lines) > 1 && lines[len(lines)-1] != "UTF-8":
				return bad("%s is set and is not installed", want)
			case !a[0].ok():
				return bad("%s", a[0].why())
			}
			return good("%s", want)
		},
	}
}

// archRow holds the guest to its processor, which may be that of the host.
func archRow(p *profile.Profile, row func(id, what, is, field, name string, wanted ...string) Check) Check {
	is := p.Guest.Arch
	if p.Guest.ArchOfHost() {
		is = "the host's"
	}
	c := row("guest/arch", "the guest's processor is ", is, "guest.arch", "machine", archNames(p.Guest.Arch)...)
	if p.ForEveryArch() {
		c.Because = say("the VM was made on a machine of another processor, or before the profile was changed")
	}
	return c
}

// archNames are how uname spells a processor.
func archNames(arch string) []string {
	if arch == "aarch64" {
		return []string{"aarch64", "arm64"}
	}
	return []string{arch}
}

// systemRow looks for the distribution and its release; a NixOS of this profile
// says so in a file of its own.
func systemRow(p *profile.Profile) Check {
	g := p.Guest
	c := Check{
		ID: "guest/system", Title: "the guest is " + strings.TrimSpace(g.System+" "+g.Release), Not: "the guest is not the profile's " + strings.TrimSpace(g.System+" "+g.Release), Field: "guest.system",
		Because: say("the VM was made before the profile was changed"), Cure: callApply, steps: fact(p),
	}
	first := say("it is the plain image of nixos-lima until its first %s", "nixos-rebuild")
	guide := say("follow the chapter Switch to this configuration of %s", "generated/"+p.Name+"/docs/"+p.Name+".md")
	c.judge = func(_ *Site, a []answer) verdict {
		f := readFacts(a[0])
		got := strings.TrimSpace(f["system"] + " " + f["release"])
		switch {
		case len(f) == 0:
			return mute(a[0])
		case f["system"] != g.System || g.Release != "" && f["release"] != g.Release:
			return bad("%s", orNothing(got))
		case p.System().SetUp == profile.ByFlake && f["marker"] != p.Name:
			return bad("%s, not of this profile", got).since(first, guide)
		}
		return good("%s", got)
	}
	return c
}

func shellOf(user, shell string) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		for line := range strings.Lines(a[0].out) {
			fields := strings.Split(strings.TrimSpace(line), ":")
			if len(fields) != 7 || fields[0] != user {
				continue
			}
			if got := fields[6]; !strings.HasSuffix(got, "/"+shell) {
				return bad("%s", orNothing(got))
			}
			return good("%s", fields[6])
		}
		if !a[0].ok() {
			return mute(a[0])
		}
		return bad("/etc/passwd has no %s", user)
	}
}

// limaCPUs takes the number from the file that the instance is made of, since
// lima.extra may say another; a share, from the instance itself.
func limaCPUs(p *profile.Profile, s *Site) (int, bool) {
	if n, ok := templateInt(s.Files["lima/"+p.Lima.Instance+".yaml"], "cpus"); ok {
		return n, false
	}
	if given, err := limaGiven(p, s); p.Resources.CPUs.Share > 0 && err == nil {
		return given.CPUs, false
	}
	return p.Resources.CPUs.On(s.CPUs), false
}

// qemuCPUs may be fewer: the scripts give no more than the host has.
func qemuCPUs(p *profile.Profile, s *Site) (int, bool) {
	if given, err := qemuGiven(p, s); p.Resources.CPUs.Share > 0 && err == nil {
		return given.CPUs, false
	}
	return p.Resources.CPUs.On(s.CPUs), true
}

func cpuRow(p *profile.Profile, made Text) Check {
	return Check{
		ID: "guest/cpus", Title: "the guest has its processors", Not: "the guest has not got its processors", Field: "resources.cpus", Because: made, Cure: callApply,
		steps: fact(p), judge: func(s *Site, a []answer) verdict {
			want, orFewer := runBy(p).cpus(p, s)
			got, err := strconv.Atoi(readFacts(a[0])["cpus"])
			switch {
			case err != nil:
				return mute(a[0])
			case got != want && (!orFewer || got > want):
				return bad("%d instead of %d", got, want)
			case got != want:
				return good("%d: the host has no more", got)
			}
			return good("%d", got)
		},
	}
}

// clockRow compares the clocks: a guest's stands still while the host sleeps.
func clockRow(p *profile.Profile) Check {
	const most = 5 // seconds
	cure := say("wait a minute; if it stays: %s, then %s", vmloom("stop"), vmloom("up"))
	return Check{
		ID: "guest/clock", Title: "the guest's clock is the host's", Not: "the guest's clock is not the host's", Field: "guest",
		Because: say("the host slept, and nothing set the guest's clock since"), Cure: cure,
		look: func(ctx context.Context, s *session) verdict {
			from := s.Now().Unix()
			a := s.askAgain(ctx, inside(p, s.Site, "date", "+%s"))
			to := s.Now().Unix()
			at, err := strconv.ParseInt(lastLine(a.out), 10, 64)
			switch {
			case err != nil:
				return mute(a)
			case at < from-most:
				return bad("%d s behind", from-at)
			case at > to+most:
				return bad("%d s ahead", at-to)
			}
			return good("less than %d s apart", most+1)
		},
	}
}

// envRows hold login sessions to the variables of the profile.
func envRows(p *profile.Profile) (rows []Check) {
	for _, name := range slices.Sorted(maps.Keys(p.Guest.Env)) {
		value := p.Guest.Env[name]
		if !profile.PAMCarries(value) && !slices.Contains(p.System().AnyEnv.Of, p.Guest.User.Shell) {
			continue
		}
		rows = append(rows, Check{
			ID: "env/" + name, Title: name + " is set in the guest", Not: name + " is not set in the guest as the profile has it", Field: "guest.env." + name,
			Because: say("the VM was made before the profile was changed, or a file of the home sets it otherwise"), Cure: callApply,
			steps: func(s *Site) []process.Step { return []process.Step{{Cmd: inside(p, s, "printenv", name)}} },
			judge: isVariable(name, value),
		})
	}
	return rows
}

func isVariable(name, value string) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		got := strings.TrimSuffix(a[0].out, "\n")
		switch {
		case a[0].status == 1 && a[0].out == "":
			return bad("%s is not set", name)
		case !a[0].ok():
			return mute(a[0])
		case got != value:
			return bad("%s is %q", name, lastLine(got))
		}
		return good("%s", orNothing(value))
	}
}

// keyRow looks for further keys in every file that a guest of ours lets sshd read.
func keyRow(p *profile.Profile, made Text) Check {
	home, name, because, cure := p.Guest.User.Home, p.Guest.User.Name, made, callApply
	if p.Guest.User.HostKeys() {
		because, cure = say("a key has come to the profile or to this host since the VM was started"), say("%s, then %s", vmloom("stop"), vmloom("up"))
	}
	return Check{
		ID: "user/keys", Title: "your further keys may log in", Not: "not all your further keys may log in", Field: "guest.user.authorizedKeys", Because: because, Cure: cure,
		steps: func(s *Site) []process.Step {
			files := []string{home + "/.ssh/authorized_keys", home + "/.ssh/authorized_keys2", "/etc/ssh/authorized_keys.d/" + name, "/etc/ssh/vmloom_keys.d/" + name}
			steps := []process.Step{{Cmd: insideSh(p, s, "cat "+strings.Join(files, " ")+" 2>/dev/null; true")}}
			if p.Guest.User.HostKeys() {
				steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"sh", "-c", hostKeysScript, "sh", s.Home}}})
			}
			return steps
		},
		judge: func(_ *Site, a []answer) verdict {
			wanted, lines := p.Guest.User.Keys(), strings.Split(a[0].out, "\n")
			if p.Guest.User.HostKeys() {
				theirs := profile.PublicKeys(a[1].out)
				if len(theirs) == 0 {
					return bad("no public key is in ~/.ssh here: ssh-keygen -t ed25519 makes one")
				}
				wanted = append(wanted, theirs...)
			}
			for _, key := range wanted {
				if !slices.Contains(lines, key) {
					return bad("missing: %s", key)
				}
			}
			return good("%d", len(wanted))
		},
	}
}

// hostKeysScript prints the public keys of the home that it is given.
const hostKeysScript = `for file in "$1"/.ssh/*.pub; do [ ! -f "$file" ] || { cat "$file"; echo; }; done`

// uidRow holds a number that is the host's to that of who asks.
func uidRow(c Check, uid profile.UID) Check {
	if uid.OfHost() {
		c.Title, c.Not = "your number there is that of your account here", "your number there is not that of your account here"
		c.judge = func(s *Site, a []answer) verdict { return isFact("uid", strconv.Itoa(s.UID))(s, a) }
		c.Because, c.Cure = say("the VM was started by another account, or the number is another one's there"), say("%s, then %s", vmloom("stop"), vmloom("up"))
	}
	return c
}

// hostnameField is where the profile says the guest's host name.
func hostnameField(p *profile.Profile) string {
	if p.Given("guest.hostname") {
		return "guest.hostname"
	}
	return "name"
}
