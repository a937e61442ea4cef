package profile

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/lima"
)

// validate reports every value that cannot work, by path; the decoder knows the places.
func (p *Profile) validate(d *decoder) {
	p.validateHost(d)
	p.validateGuest(d)
	p.validateSizes(d)
	p.validateHardware(d)
	p.validateMounts(d)
	p.validateDisks(d)
	p.validateNineP(d)
	p.validateSockets(d)
	p.validateOnePassword(d)
	p.validateEnvFile(d)
	p.validatePorts(d)
	p.validateNetwork(d)
	p.RunBy().validate(p, d)
	p.validateWezTerm(d)
	p.validateNix(d)
	p.validateChannels(d)
}

// matches reports a value that is set and not of the form, where no tag can.
func (d *decoder) matches(path, value, name string) {
	if f := forms[name]; value != "" && !f.ok(value) {
		d.bad(path, "must be "+f.words)
	}
}

func (p *Profile) validateHost(d *decoder) {
	for at, name := range map[string]string{"name": p.Name, "guest.hostname": p.Guest.Hostname} {
		if name == "localhost" && (at == "name" || d.given(at)) {
			d.bad(at, "localhost is the name every machine has for itself")
		}
	}
	if p.Name == fleetDir {
		d.bad("name", "is taken: "+FleetTree+" is what the machines of a fleet share", "give the machine another name")
	}
	if d.given("host.home") {
		d.plainly("host.home", p.Host.Home)
	}
	if p.Host.LimaHome != "" {
		d.hostPath("host.limaHome", p.Host.LimaHome)
	}
	if p.Host.Home == "/" {
		d.bad("host.home", "/ is no home directory")
	}
	unknown := p.Host.User == "" && !d.wrong["host.user"]
	if p.MacOS() && p.Autostart == "boot" && unknown {
		d.bad("host.user", "is required for autostart boot: launchd starts the VM as root unless told whose it is", "autostart: login is for everybody")
	}
	if s := p.System(); s.Name != "" && s.Runner != p.Runner {
		reason, hint := p.RunBy().refuses(s)
		d.bad("runner", reason, hint)
	}
	p.validateInstance(d)
	p.validateExtra(d)
}

// validateInstance checks the section lima, which may be there for a runner to come.
func (p *Profile) validateInstance(d *decoder) {
	at, name := "lima.instance", p.Lima.Instance
	if !d.given(at) {
		at = "name"
	}
	if lima.TakenForFile(name) {
		d.bad(at, "must not end in .yaml or .yml: limactl takes such a name for a file")
	}
	if host := p.On(); !slices.Contains(host.VMTypes, p.Lima.VMType) {
		for _, h := range HostOSes() {
			if slices.Contains(h.VMTypes, p.Lima.VMType) {
				d.bad("lima.vmType", p.Lima.VMType+" exists on "+h.Title+" only", "write "+host.VMTypes[0]+", or remove the line")
			}
		}
	}
}

// CommaEndsMounts reports whether Lima hands the paths of mounts to QEMU as they are.
func (p *Profile) CommaEndsMounts() bool {
	return p.MountType(p.System()) == By9P && p.VMType() == "qemu"
}

// validateLima checks what the runner lima needs beyond the rest.
func (p *Profile) validateLima(d *decoder) {
	at := "lima.instance"
	if !d.given(at) {
		at = "name"
	}
	p.validateMountType(d)
	longest := lima.LongestSocket(p.HostPath(p.LimaHome()), p.Lima.Instance)
	if n, limit := len(longest), p.On().MaxSocket; p.HostPath(p.LimaHome()) != "" && n > limit {
		hint := "lima.instance may be shorter than name"
		if p.Host.LimaHome != "" {
			at, hint = "host.limaHome", "a shorter directory, or a shorter lima.instance"
		}
		d.bad(at, fmt.Sprintf("is %d characters too long: Lima's sockets would be at %s", n-limit, longest), hint)
	}
	for i, m := range p.Mounts {
		if p.CommaEndsMounts() && strings.Contains(p.HostPath(m.Host)+m.Host, ",") {
			d.bad(item("mounts", i)+".host", "must not hold a comma: Lima hands QEMU the path as it is, and QEMU ends it there", "mount a directory above it, or rename it")
		}
	}
	for i, port := range p.Ports {
		// Lima's own rules come first and ignore both (hostagent.go).
		guest := item("ports", i) + ".guest"
		if port.Guest.Has(lima.SSHPort) {
			d.bad(guest, fmt.Sprintf("Lima never forwards port %d", lima.SSHPort), withoutSSH(port.Guest))
		}
		if port.Guest.Has(p.Lima.SSHPort) {
			d.bad(guest, "Lima never forwards the number that is lima.sshPort", "choose another lima.sshPort")
		}
	}
}

// withoutSSH is the hint for ports that Lima's own is among.
func withoutSSH(r PortRange) string {
	if r.Len() == 1 {
		return "lima.sshPort is where SSH answers on the host"
	}
	var parts []string
	for _, part := range []PortRange{{r.First, lima.SSHPort - 1}, {lima.SSHPort + 1, r.Last}} {
		if part.Len() > 0 {
			parts = append(parts, part.String())
		}
	}
	return "write an element of ports: for " + strings.Join(parts, ", and one for ") + "; network: {forward: all} is for every port"
}

func (p *Profile) validateSizes(d *decoder) {
	least := func(path string, s, min Size) {
		if s < min && d.given(path) {
			d.bad(path, "must be at least "+min.String())
		}
	}
	p.Resources.Memory.validate(d)
	least("resources.disk", p.Resources.Disk, 2<<30)
	least("home.disk", p.Home.Disk, 256<<20)
}

// validateChannels checks what the Guix engine needs of its channels.
func (p *Profile) validateChannels(d *decoder) {
	if p.Guix.Check != "" && p.Guix.Project == "" {
		d.bad("guix.check", "needs guix.project: it runs in the environment of that package")
	}
	names := map[string]int{}
	for i, c := range p.Guix.Channels {
		if c.File != "" {
			break
		}
		at := item("guix.channels", i)
		if c.Name != "guix" && c.URL == "" {
			d.bad(at+".url", "is required for every channel but guix")
		}
		if j, ok := names[c.Name]; ok && c.Name != "" {
			d.bad(at+".name", fmt.Sprintf("channels[%d] has this name", j))
		}
		names[c.Name] = i
	}
	servers := map[string]int{}
	for i, s := range p.Guix.Substitutes {
		if j, ok := servers[s.URL]; ok && s.URL != "" {
			d.bad(item("guix.substitutes", i)+".url", fmt.Sprintf("substitutes[%d] has this URL", j))
		}
		servers[s.URL] = i
	}
}
