package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// tokenView is how the token of a 1Password service account gets into the guest.
type tokenView struct {
	hostPath        // of the file
	Command  string // instead of one
	Dir      string // in the guest
	Store    string // the guest's command that takes the token from its stdin
	Missing  string // succeeds in a guest that is up and has none
	Refused  string // what to say of what is no token
}

// storeToken writes stdin to a file that only the user may read, once it is sure
// that the directory is in memory.
const storeToken = `umask 077; [ "$(stat -f -c %T "$0")" = tmpfs ] || { echo "$0: no directory in memory" >&2; exit 1; }; ` +
	`cat >"$0/token.new" && [ -s "$0/token.new" ] && mv -f "$0/token.new" "$0/token"`

// newToken is nil where no token is to be brought.
func newToken(p *profile.Profile) (*tokenView, error) {
	if !p.HasToken() {
		return nil, nil
	}
	store, err := quote.Sh(storeToken)
	if err != nil {
		return nil, err
	}
	missing, err := quote.Sh(`[ -w "$0" ] && [ ! -s "$0/token" ]`)
	if err != nil {
		return nil, err
	}
	o := p.OnePassword
	// A shell of its own, since the user's may be fish.
	t := &tokenView{Command: o.TokenCommand, Dir: profile.TokenDir, Store: "sh -c " + store + " " + profile.TokenDir, Missing: "sh -c " + missing + " " + profile.TokenDir}
	t.hostPath = newHostPath(o.TokenFile)
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
		dir, err := tokenPlace(file)
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

// tokenPlace are the commands that put a token from the clipboard's terminal into its file.
func tokenPlace(file string) ([]string, error) {
	rest, tilde := strings.CutPrefix(file, "~/")
	word, err := quote.Sh(rest)
	if tilde {
		word = "~/" + word
	}
	return []string{
		`mkdir -p "$(dirname ` + word + `)"`,
		"(umask 077 && cat >" + word + ")   # paste the token, then Enter and Ctrl-D",
	}, err
}

// repairTask says what the job that runs every minute does.
func repairTask(p *profile.Profile) string {
	switch {
	case p.OnePassword.TokenFile == "":
		return "Dead socket forwards are recreated every minute:"
	case len(p.Sockets) == 0:
		return "The token of 1Password is brought into a guest that has none, every minute:"
	}
	return "Dead socket forwards are recreated every minute, and the token of 1Password is brought into a guest that has none:"
}
