package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// broughtRows ask for what went into the guest from files beside the profile: scripts that have run, certificates that
// are trusted.
func broughtRows(p *profile.Profile) (rows []Check) {
	if scripts := p.SetupScripts(); len(scripts) > 0 {
		line := "cd " + profile.SetupDir + " && sha256sum"
		for _, s := range scripts {
			line += " " + s.Key()
		}
		rows = append(rows, Check{
			ID: "guest/setup", Title: "your setup scripts have run", Not: "not all your setup scripts have run", Field: "guest.setup",
			Because: say("a script has failed, or has changed since"), Cure: say("see %s in the guest, mend the script, then %s; one that is right runs again at the next start", "/var/log/cloud-init-output.log", vmloom("apply")),
			steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, "sudo -n sh -c '"+line+"'")} },
			judge: func(_ *Site, a []answer) verdict {
				lines := strings.Split(a[0].out, "\n")
				for _, s := range scripts {
					sum := sha256.Sum256([]byte(s.Text))
					if !slices.Contains(lines, hex.EncodeToString(sum[:])+"  "+s.Key()) {
						return bad("%s of guest.setup.%s has not run as it is now", s.File, s.When)
					}
				}
				return good("%d", len(scripts))
			},
		})
	}
	if certificates := p.Certificates(); len(certificates) > 0 {
		rows = append(rows, certificateRow(p, certificates))
	}
	return inGuest(rows...)
}

// certificateRow looks into the file of all certificates for a line of each that no other has: the end of its signature.
func certificateRow(p *profile.Profile, certificates []profile.Certificate) Check {
	bundle := p.System().Manager.Bundle
	line := "grep -hxF"
	for _, c := range certificates {
		line += " -e " + signed(c)
	}
	return Check{
		ID: "guest/certificates", Title: "the guest trusts your certificates", Not: "the guest does not trust all your certificates", Field: "guest.caCerts",
		Because: say("the VM was made before the profile was changed"), Cure: callApply,
		steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, line+" "+bundle)} },
		judge: func(_ *Site, a []answer) verdict {
			lines := strings.Fields(a[0].out)
			for _, c := range certificates {
				switch {
				case slices.Contains(lines, signed(c)):
				case a[0].ok() || a[0].status == 1:
					return bad("%s is not in %s", c.File, bundle)
				default:
					return mute(a[0])
				}
			}
			return good("%d", len(certificates))
		},
	}
}

// signed is the last whole line of a certificate's text.
func signed(c profile.Certificate) string {
	lines := strings.Split(c.PEM, "\n")
	return lines[max(0, len(lines)-3)]
}
