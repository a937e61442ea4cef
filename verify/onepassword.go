package verify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"vmloom/process"
	"vmloom/profile"
)

// onePasswordRows hold the op program in the guest to its service account. None
// of them prints the token.
func onePasswordRows(p *profile.Profile) []Check {
	if !p.HasToken() {
		return nil
	}
	step := func(line string) func(*Site) []process.Step { return asksYes(p, line) }
	const field = "onepassword"
	whoami := say("the account's token was replaced or revoked, or op is not installed: %s in the guest tells", "op whoami")
	var rows []Check
	if file := p.OnePassword.TokenFile; file != "" {
		rows = append(rows, Check{
			ID: "op/file", Title: "op: the token's file is there, for you alone", Not: "op: the token's file is not there for you alone", Field: field + ".tokenFile", Side: Host,
			Because: say("%s is missing or empty, or others may read it", file), Cure: say("%s", "chmod 600 "+file),
			look: func(_ context.Context, s *session) verdict { return ownFile(s.path(file)) },
		})
	}
	return append(rows, inGuest(Check{
		ID: "op/token", Title: "op: its token is in the guest's memory", Not: "op: its token is not in the guest's memory", Field: field, State: true,
		See:     say("%s in the guest: no account found", "op"),
		Because: say("the guest was started since, or its token could not be brought"), Cure: callRepair,
		steps: step(inMemory(profile.TokenDir, profile.TokenPath)),
		judge: told("it is not there, or not for you alone and in memory"),
	}, Check{
		ID: "op/env", Title: "op: login shells have OP_SERVICE_ACCOUNT_TOKEN", Not: "op: login shells lack OP_SERVICE_ACCOUNT_TOKEN", Field: field, Needs: []string{"op/token"},
		Because: say("the VM was made before the profile was changed"), Cure: callApply,
		steps: step(`[ -n "${OP_SERVICE_ACCOUNT_TOKEN:-}" ]`), judge: told("it is not set"),
	}, Check{
		ID: "op/whoami", Title: "op: op whoami", Not: "op: op whoami fails", Field: field, Needs: []string{"op/env"}, Timeout: time.Minute,
		Because: whoami, Cure: say("renew the token where onepassword takes it from, then %s", vmloom("repair")),
		steps: step("op whoami >/dev/null"), judge: told("op says no"),
	})...)
}

// asksYes has a command of the guest's sh say yes, where it succeeds.
func asksYes(p *profile.Profile, line string) func(*Site) []process.Step {
	return func(x *Site) []process.Step { return []process.Step{guestStep(p, x, line+" && echo yes")} }
}

// told is good where the guest said yes; what is not so is not, unless it says itself.
func told(not string) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		switch {
		case a[0].ok() && lastLine(a[0].out) == "yes":
			return good("well")
		case a[0].ok():
			return mute(a[0])
		case a[0].talk != "":
			return bad("%s", a[0].why())
		}
		return bad("%s", not)
	}
}

// inMemory succeeds in a guest that has a secret's file, in memory and for its user alone.
func inMemory(dir, file string) string {
	return `[ -s ` + file + ` ] && [ "$(stat -c %a ` + file + `)" = 600 ] && [ "$(stat -f -c %T ` + dir + `)" = tmpfs ]`
}

// ownFile wants a file with something in it that its owner alone may read.
func ownFile(path string) verdict {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return bad("there is no %s", path)
	case err != nil:
		return unreadable(err)
	case !info.Mode().IsRegular():
		return bad("%s is no file", path)
	case info.Size() == 0:
		return bad("%s is empty", path)
	case info.Mode().Perm()&0o077 != 0:
		return bad("others may read %s", path)
	}
	return good("well")
}
