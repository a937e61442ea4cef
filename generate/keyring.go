package generate

import (
	"slices"

	"vmloom/profile"
	"vmloom/quote"
)

// keyringView is how gpg's public keys get into the guest's keyring.
type keyringView struct {
	Take string // the guest's command, which says how many of those at its stdin are new
	Hint string // for a guest without gpg
}

// newKeyring is nil where no agent of gpg's is forwarded.
func newKeyring(p *profile.Profile) (*keyringView, error) {
	if !slices.ContainsFunc(p.ToGuest(), func(s profile.Socket) bool { pre, _ := s.Preset(); return pre.GnuPG }) {
		return nil, nil
	}
	take, err := quote.Sh(`command -v gpg >/dev/null || { echo none; exit; }; ` +
		`gpg --batch --no-autostart --status-fd 1 --import 2>/dev/null | sed -n "s/^.GNUPG:. IMPORT_RES [0-9]* [0-9]* \([0-9]*\) .*/\1/p"`)
	return &keyringView{Take: "sh -c " + take, Hint: "the guest has no gpg: name gnupg in guest.packages, then vmloom apply"}, err
}
