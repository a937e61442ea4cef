package generate

import (
	"fmt"

	"vmloom/profile"
	"vmloom/quote"
)

// newToken is nil where no token is to be brought.
func newToken(p *profile.Profile) (*secretView, error) {
	if !p.HasToken() {
		return nil, nil
	}
	o := p.OnePassword
	t, err := newSecret(o.TokenFile, profile.TokenPath)
	if err != nil {
		return nil, err
	}
	t.Command = o.TokenCommand
	from := o.TokenFile
	if o.TokenCommand != "" {
		from = "tokenCommand"
	}
	t.Refused = "onepassword: " + from + ": gives no token"
	return t, nil
}

// tokenLine sets op's variable in a shell of the Bourne family, where there is a token.
func tokenLine() string {
	return fmt.Sprintf(`[ ! -r %s ] || export OP_SERVICE_ACCOUNT_TOKEN="$(cat %s)"`, profile.TokenPath, profile.TokenPath) + "\n"
}

// onePasswordChapter says how op works in the guest.
func onePasswordChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "1Password in the guest"}
	if !p.HasToken() {
		return c, nil
	}
	add := func(parts ...part) { c.Parts = append(c.Parts, parts...) }
	add(paragraph("The %s program in the guest works as a service account of 1Password. It sees the vaults that were given to the account when it was made, and no personal one.", "op"))
	if file := p.OnePassword.TokenFile; file != "" {
		dir, err := secretPlace(file, "paste the token, then Enter and Ctrl-D")
		if err != nil {
			return c, err
		}
		add(paragraph("Its token comes from %s on the host. Make the account (%s) and put the token there, for yourself alone:", file, "https://developer.1password.com/docs/service-accounts/"),
			run(dir...))
	} else {
		command, err := quote.Sh(p.OnePassword.TokenCommand)
		if err != nil {
			return c, err
		}
		add(paragraph("Its token comes from a command of the host, which %s and %s run:", "create", "repair"), run("sh -c "+command))
	}
	repair := run("./scripts/" + p.Name + "-repair.sh")
	add(paragraph("The scripts write it by ssh into the guest's memory, %s, where you alone may read it. It is in no file of this set-up, in no argument and in no log, and is gone when the VM stops. Login shells have it as %s. A new token, or one that is missing:", profile.TokenPath, "OP_SERVICE_ACCOUNT_TOKEN"), repair,
		paragraph("Try it:"))
	add(run(runBy(p).tryOp(p)))
	switch s := p.System(); {
	case s.OpPackage != "":
		add(paragraph("%s itself is the package %s of the profile.", "op", s.OpPackage))
	case s.OpSource != "":
		add(paragraph("%s itself comes from "+s.OpSource+": %s", "op", "https://developer.1password.com/docs/cli/get-started/"))
	default:
		add(paragraph(s.Manager.Title+" has no package of %s: put 1Password's own binary into the home.", "op"))
	}
	add(paragraph("Other ways: a Connect server of your own, whose %s is a secret just as this token; or %s on the host, whose output goes into the guest by ssh. The app of the host signs in programs of the host only, so its socket is of no use here.",
		"OP_CONNECT_TOKEN", "op read"))
	return c, nil
}

// secretPlace are the commands that put a secret from the terminal into its file, how being what is to be done.
func secretPlace(file, how string) ([]string, error) {
	at := newHostPath(file)
	word, err := quote.Sh(at.Host)
	switch {
	case at.InHome:
		word = "~/" + word
	case at.Beside:
		word = "../../" + word
	}
	return []string{
		`mkdir -p "$(dirname ` + word + `)"`,
		"(umask 077 && cat >" + word + ")   # " + how,
	}, err
}

// repairTask says what the job that runs every minute does.
func repairTask(p *profile.Profile) string {
	what, verb := secretsOf(p)
	switch {
	case len(p.SecretFiles()) == 0:
		return "Dead socket forwards are recreated every minute:"
	case len(p.Sockets) == 0:
		return capital(what) + " " + verb + " brought into a guest that has none, every minute:"
	}
	return "Dead socket forwards are recreated every minute, and " + what + " " + verb + " brought into a guest that has none:"
}
