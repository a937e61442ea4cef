package generate

import "vmloom/profile"

// upgradeView is how the scripts bring a guest to a newer release in place.
type upgradeView struct {
	Title, ID, Release string
	By                 string
	// Run is what root does in the guest, with what it reads of the profile's release before it.
	Run, Reboot string
	// Snapshot is the way back.
	Snapshot string
	Ways     []upgradeWay
}

// upgradeWay says of an older release which one comes next on the way to the profile's.
type upgradeWay struct{ From, Via string }

// newUpgrade is nil where no older release can become the profile's in place.
func newUpgrade(p *profile.Profile) *upgradeView {
	s := p.System()
	if len(s.UpgradesFrom(p.Guest.Release)) == 0 || p.HasImage() {
		return nil
	}
	to := s.ReleaseNamed(p.Guest.Release)
	prompt := "normal"
	if to.Long {
		prompt = "lts"
	}
	v := &upgradeView{
		Title: s.Title, ID: s.Name, Release: to.Name, By: s.Upgrade.By, Reboot: s.Upgrade.Reboot, Snapshot: "before-" + s.Name + "-" + to.Name,
		Run: ". /etc/os-release\nrelease=" + to.Name + " code=" + to.Code + " prompt=" + prompt + "\n" + s.Upgrade.Run,
	}
	for _, r := range s.Releases {
		if via := s.UpgradeVia(r.Name, to.Name); via != "" {
			v.Ways = append(v.Ways, upgradeWay{r.Name, via})
		}
	}
	return v
}
