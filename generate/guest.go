package generate

import (
	"slices"

	"vmloom/engine"
	"vmloom/flake"
	"vmloom/lima"
	"vmloom/profile"
)

// Guests differ in who sets them up, and this file holds what follows from it in
// Lima's template. Ubuntu and Debian are Lima's own images, set up by the scripts
// of the template itself. NixOS is set up by the flake (nix.go): there the template
// only says what Lima must know, for nixos-lima executes little of it.

// limaImage is a disk image: by URL and digest, or by path from the template's directory.
type limaImage struct {
	Location, Arch, Digest string
	URL, SHA256            string // where one of our own may be downloaded
}

// releasedDigests are those of nixos-lima's published images, by arch.
var releasedDigests = map[string]string{
	"aarch64": "sha512:748c723b69dbdec40a9acaf78cc9070ae784dcb64b0856ab906efdac822d9abcc65565b8f8dfa4cf8b49cc6c12c372072e83bb5ed9247330a7c22675d9e141ce",
	"x86_64":  "sha512:636c9c24d7aea340c808e72802cd05589d18c1bbeda45242e3c4725cdfdcc497cfdfd4dfecd76e4be7b8de3a688a1046f269c072bce487c0b06a60515262995e",
}

// aboveLima leads from lima/ to the profile's directory.
const aboveLima = "../../../"

// plainImage is what a NixOS guest starts as that is not the profile's from its first boot on.
func plainImage(p *profile.Profile) string {
	if p.HasImage() {
		return "the image that guest.image names"
	}
	return "the plain image of nixos-lima"
}

// FirstSwitch is what a guest starts as that goes on to the profile's own system once it runs; empty: it is made as that.
func FirstSwitch(p *profile.Profile) string {
	if engine.Builds(p) || p.System().SetUp != profile.ByFlake {
		return ""
	}
	return plainImage(p)
}

// takeImages names those that vmloom built, with their digests, which Lima checks. It takes the first of its
// processor: the base is for those that have none.
func (v *limaView) takeImages(p *profile.Profile, images engine.Images) {
	if image := p.Guest.Image; p.HasImage() {
		v.Base, v.Images = "", []limaImage{{Location: image.Location, Arch: p.Guest.Arch, Digest: image.Digest}}
		return
	}
	var own []limaImage
	arches := p.Guest.Arches()
	for _, arch := range arches {
		start := StartsFrom(p.OnArch(arch), images.Of(arch))
		if start.Origin != FromOwn {
			continue
		}
		image := limaImage{Location: aboveLima + start.Image, Arch: arch}
		if start.Record != nil {
			image.Digest, image.SHA256, image.URL = "sha256:"+start.Record.SHA256, start.Record.SHA256, start.Record.URL
		}
		own = append(own, image)
	}
	if len(own) > 0 {
		v.Images = own
	}
	if len(own) == len(arches) {
		v.Base = ""
	}
}

func (v *limaView) addGuest(p *profile.Profile) error {
	if v.MinimumLima = p.System().MinimumLima; len(p.Mounts) > 0 || p.Lima.MountType != "" {
		v.MountType = p.MountType(p.System())
	}
	return setUpOf(p).lima(v, p)
}

// addNixOS leaves to Lima the image, the user's name, and the link of its shell.
func (v *limaView) addNixOS(p *profile.Profile) error {
	v.IgnoreDHCP, v.ToldDisks = true, v.DataDisks
	for _, arch := range p.Guest.Arches() {
		v.Images = append(v.Images, limaImage{
			Location: "https://github.com/nixos-lima/nixos-lima/releases/download/" + flake.NixosLima + "/nixos-lima-" + flake.NixosLima + "-" + arch + ".qcow2",
			Arch:     arch, Digest: releasedDigests[arch],
		})
	}
	if v.OwnShell {
		if err := v.addScript("system", "nixos"); err != nil {
			return err
		}
	}
	if p.Nix.Base == "released" {
		// No probes: what they ask for comes with the first switch, and start would fail until then.
		v.Message += "Until its first nixos-rebuild this is " + plainImage(p) + ": docs/" + p.Name + ".md shows how to switch.\n"
		return nil
	}
	v.Images = nil // takeImages names them
	// None of the other disks: one that is new is mounted by a switch, which comes after the start that apply waits for.
	return v.addProbes("journalctl -b -u lima-init -u vmloom-home-disk in the guest shows why", nil)
}

// addCloud makes of an image for cloud-init, as Ubuntu's and Debian's are, the guest of the profile.
func (v *limaView) addCloud(p *profile.Profile) error {
	g := p.Guest
	v.SELinux, v.NoVsock = p.System().SELinux, p.System().NoVsock
	v.Base = lima.ImageTemplate(g.System, g.Release)
	v.Timezone, v.Locale, v.Keys = g.Timezone, g.Locale, g.User.Keys()
	v.SocketDirs = append(secretDirs(p), socketDirs(p)...)
	v.Runtime, v.GuestUnits = newRuntime(p), guestUnits(p)
	v.LoginEnv = guestEnv(p)
	v.ZshEnv, v.FishEnv = v.Zsh && len(v.LoginEnv) > 0, v.Fish && len(v.LoginEnv) > 0
	v.Proxy, v.ProxyFile, v.ProxyVars = g.Proxy, p.System().Manager.ProxyFile, profile.ProxyVars()
	if p.HasToken() {
		v.TokenPath = profile.TokenPath
	}
	if p.Guest.EnvFile != "" {
		v.EnvPath = profile.EnvPath
	}
	for _, e := range v.LoginEnv {
		if profile.PAMCarries(e.Value) {
			v.Env = append(v.Env, e)
		}
	}
	v.addPackages(p)
	v.Groups = p.Groups()
	with := installers[p.System().Manager.Column]
	v.Setup, v.SetupDir = p.SetupScripts(), profile.SetupDir
	v.CACerts, v.Anchors, v.Trust = p.Certificates(), p.System().Manager.Anchors, p.System().Manager.Trust
	parts := []string{"system"}
	if p.HasProxy() { // before anything is downloaded
		parts = append(parts, "proxy", with.proxy)
	}
	if len(v.CACerts) > 0 { // before anything is downloaded
		parts = append(parts, "cacerts")
	}
	if v.Locale != "" {
		parts = append(parts, with.locale)
	}
	if len(v.Packages) > 0 {
		parts = append(parts, with.install)
	}
	if e, ok := p.Engine(); ok {
		var err error
		v.Containerd, v.Listens = e.ByLima(p.System()), p.EngineUnit()
		if v.EngineConf, err = engineConf(p); err != nil {
			return err
		}
		parts = append(parts, cloudEngines[e.Name]...)
	}
	if len(v.Groups) > 0 {
		parts = append(parts, "groups")
	}
	if v.ZshEnv || v.FishEnv { // after the shell's package
		parts = append(parts, "loginenv")
	}
	if p.HasToken() {
		parts = append(parts, "op")
	}
	if p.Guest.EnvFile != "" {
		parts = append(parts, "envfile")
	}
	if err := v.addScript("boot", "boot"); err != nil {
		return err
	}
	var last []string
	if len(v.Setup) > 0 { // after all that they may need, and what follows would not run after one that fails
		last = []string{"setup"}
	}
	if err := v.addScript("system", slices.Concat(parts, last)...); err != nil {
		return err
	}
	v.Live = slices.Concat([]string{"live-guard", with.resume}, parts, []string{"live", with.remove})
	if v.OverSSH && len(v.MountDirs) > 0 {
		v.Live = append(v.Live, "mounts")
	}
	v.Live = append(v.Live, last...)
	const log = "see /var/log/cloud-init-output.log in the guest"
	if err := v.addProbes(log, v.DataDisks); err != nil {
		return err
	}
	if len(v.Packages) > 0 {
		return v.addProbe(packagesProbe, with.probe, log, v)
	}
	return nil
}

func (v *limaView) addPackages(p *profile.Profile) {
	for _, pkg := range p.Guest.Packages {
		v.Packages = append(v.Packages, pkg.For(p.System()))
	}
	if v.OwnShell {
		v.Packages = append(v.Packages, p.Guest.User.Shell)
	}
	if e, ok := p.Engine(); ok {
		v.Packages = append(v.Packages, e.Installs(p.System())...)
	}
	slices.Sort(v.Packages)
	v.Packages = slices.Compact(v.Packages)
}

// addScript renders what runs in the guest at each boot, of one or more templates.
func (v *limaView) addScript(mode string, parts ...string) error {
	script := ""
	if mode == "boot" && v.User.OfHost {
		script = "vmloom_host_uid={{.UID}}\n" // Lima fills it in
	}
	for _, name := range parts {
		text, err := limaText("lima/"+name+".sh.tmpl", v)
		if err != nil {
			return err
		}
		script += text
	}
	v.Provision = append(v.Provision, limaScript{mode, script})
	return nil
}

const packagesProbe = "the packages are installed"

// addProbes asks for what every guest promises, and for the disks that its boot brings.
func (v *limaView) addProbes(log string, disks []diskRow) error {
	if v.HomeDisk != "" {
		if err := v.addProbe("the home is on its own disk", "home", log, v); err != nil {
			return err
		}
	}
	for _, d := range disks {
		if err := v.addProbe(d.Mount+" is on the "+d.What, "disk", log, d); err != nil {
			return err
		}
	}
	for _, m := range v.MountDirs {
		if err := v.addProbe(m.Guest+" is mounted", "mount", "scripts/"+v.Name+"-repair.sh mounts it again", m); err != nil {
			return err
		}
	}
	for _, s := range v.Sockets {
		if err := v.addProbe("the socket "+s.Name+" is forwarded", "socket", "scripts/"+v.Name+"-repair.sh forwards it again", s); err != nil {
			return err
		}
	}
	return nil
}
