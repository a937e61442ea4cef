package profile

import (
	"slices"

	"vmloom/pattern"
)

// Where the guest keeps the token of the 1Password service account: in memory
// only, since the directory is on a tmpfs in every guest.
const (
	TokenDir  = "/run/vmloom-1password"
	TokenPath = TokenDir + "/token"
)

// tokenVar is what op reads (developer.1password.com/docs/service-accounts/use-with-1password-cli).
const tokenVar = "OP_SERVICE_ACCOUNT_TOKEN"

// tokenText is a token itself: they start with ops_.
var tokenText = pattern.New(`ops_[A-Za-z0-9_-]{8,}`)

// HasToken reports whether a token of a 1Password service account is brought
// into the guest.
func (p *Profile) HasToken() bool {
	return p.OnePassword.TokenFile != "" || p.OnePassword.TokenCommand != ""
}

// Repairs reports whether something is to be made good while the VM runs: dead
// forwards of sockets, and secrets from files. A command that prints the token
// may ask its user something, and is run only when a script is.
func (p *Profile) Repairs() bool {
	return len(p.Sockets) > 0 || p.OnePassword.TokenFile != "" || p.Guest.EnvFile != ""
}

func (p *Profile) validateOnePassword(d *decoder) {
	if _, set := p.Guest.Env[tokenVar]; set {
		d.bad(join("guest.env", tokenVar), "a token has no place in a profile", "onepassword: {tokenFile: ~/.config/op/token} brings it into the guest at each start")
	}
	o, at := p.OnePassword, "onepassword"
	switch {
	case !d.given(at):
		return
	case o.TokenFile != "" && o.TokenCommand != "":
		d.bad(at, "takes tokenFile or tokenCommand, not both")
	case !p.HasToken() && !d.wrong[at+".tokenFile"] && !d.wrong[at+".tokenCommand"]:
		d.bad(at, "needs tokenFile or tokenCommand", "tokenFile: ~/.config/op/token, or tokenCommand: op read op://VAULT/ITEM/credential")
	}
	if o.TokenFile != "" {
		d.hostPath(at+".tokenFile", o.TokenFile)
	}
	for field, value := range map[string]string{"tokenFile": o.TokenFile, "tokenCommand": o.TokenCommand} {
		if tokenText().MatchString(value) {
			d.bad(at+"."+field, "holds the token itself, which has no place in a profile", "write it into a file that you alone may read, and name that")
		}
	}
	p.keepFree(d, TokenDir)
	if p.System().SetUp == ByGuix && p.Guix.Version == "1.4" {
		d.bad(at, "Guix 1.4 has no place to set a variable from a file", `write guix: {version: "1.5"}`)
	}
}

// onePassword warns of what keeps op from working, or the token from being one's own.
func (l *linter) onePassword() {
	p := l.p
	if !p.HasToken() {
		return
	}
	for _, mount := range p.shownBy(p.OnePassword.TokenFile) {
		l.warn("token-in-mount", "onepassword.tokenFile", "lies in what "+mount+" shows to the guest, for every program there", "keep it elsewhere, such as in ~/.config/op/token")
	}
	s := p.System()
	op, _ := LookupPackage(s.OpPackage)
	has := slices.ContainsFunc(p.Guest.Packages, func(pkg Package) bool { return pkg.For(s) == op.For(s) })
	switch {
	case s.OpPackage != "" && !has:
		l.warn("op-package", "onepassword", "the guest has no op", "guest: {packages: ["+s.OpPackage+"]}")
	case s.OpPackage != "":
	case s.OpSource != "":
		l.warn("op-package", "onepassword", s.Title+" has no package of op: "+s.OpSource+" has 1password-cli", "install it in the guest once: https://developer.1password.com/docs/cli/get-started/")
	default:
		l.warn("op-package", "onepassword", s.Manager.Title+" has no package of op", "install 1Password's own binary in the home, or run op on the host and pass on what it prints")
	}
	if !slices.Contains(s.Token.Of, p.Guest.User.Shell) {
		l.warn("op-shell", "guest.user.shell", "on "+s.Manager.Title+" only "+s.Token.Title+" read the token", "write "+s.Token.Of[0]+", or set "+tokenVar+" from "+TokenPath+" in the shell's own start file")
	}
}
