package generate

import "vmloom/profile"

// hardwareFacts tell what the guest has of the host's processor.
func hardwareFacts(p *profile.Profile) (facts []fact) {
	if p.Resources.Nested {
		needs := "; the host's KVM must pass it on (%s of kvm_intel or kvm_amd)"
		values := []string{"/dev/kvm", "kvm", "nested=1"}
		if p.MacOS() {
			needs, values = "; it takes an M3 or newer, and macOS 15", values[:2]
		}
		facts = append(facts, fact{"VMs inside", say("the guest runs VMs of its own by %s, for which you are in the group %s"+needs, values...)})
	}
	if p.Rosetta {
		facts = append(facts, fact{"x86_64", say("programs for it run in the guest, translated by Rosetta; on the Mac, once: %s", "softwareupdate --install-rosetta")})
	}
	return facts
}
