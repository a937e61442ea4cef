package adopt

import "slices"

// takeHardware takes what the guest has of the Mac's processor.
func (a *Adoption) takeHardware() {
	p := a.made
	if scalar(a.root, "vmType") != "vz" {
		return // QEMU does nothing with either
	}
	if p.Resources.Nested = scalar(a.root, "nestedVirtualization") == "true"; p.Resources.Nested {
		p.Guest.Groups = slices.DeleteFunc(p.Guest.Groups, func(g string) bool { return g == "kvm" })
	}
	on := func(keys ...string) bool {
		n := at(a.root, keys...)
		return scalar(n, "enabled") == "true" && scalar(n, "binfmt") == "true"
	}
	p.Rosetta = on("vmOpts", "vz", "rosetta") || on("rosetta")
}
