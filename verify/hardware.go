package verify

import (
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// hardwareRows ask the guest for what it has of the host's processor.
func hardwareRows(p *profile.Profile) (rows []Check) {
	if p.Resources.Nested {
		because, cure := say("the host's KVM does not pass it on, or the VM was started before the profile was changed"),
			say("on the host, while no VM runs: %s; then %s", "sudo modprobe -r kvm_intel && sudo modprobe kvm_intel nested=1", vmloom("apply"))
		if p.MacOS() {
			because, cure = say("the VM was started before the profile was changed: on a Mac that is older than the M3, or has macOS 14, it does not start at all"), callApply
		}
		rows = append(rows, Check{
			ID: "guest/kvm", Title: "the guest can run VMs of its own", Not: "the guest cannot run VMs of its own", Field: "resources.nested", Because: because, Cure: cure,
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "stat -c %F /dev/kvm 2>/dev/null || echo none")}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch found := lastLine(a[0].out); {
				case !a[0].ok():
					return mute(a[0])
				case found == "none":
					return bad("it has no /dev/kvm")
				case found != "character special file":
					return mute(a[0])
				}
				return good("/dev/kvm")
			},
		})
	}
	if p.Rosetta {
		rows = append(rows, Check{
			ID: "guest/rosetta", Title: "the guest runs programs for x86_64 by Rosetta", Not: "the guest does not run programs for x86_64 by Rosetta", Field: "rosetta",
			Because: say("the VM was started before the profile was changed, or the Mac has no Rosetta"), Cure: say("on the Mac: %s; then %s", "softwareupdate --install-rosetta", vmloom("apply")),
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "cat /proc/sys/fs/binfmt_misc/rosetta 2>/dev/null || echo none")}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch first, _, _ := strings.Cut(strings.TrimSpace(a[0].out), "\n"); {
				case !a[0].ok():
					return mute(a[0])
				case first == "none" || first == "disabled":
					return bad("its kernel does not know it: %s", first)
				case first != "enabled":
					return mute(a[0])
				}
				return good("its kernel knows it")
			},
		})
	}
	return inGuest(rows...)
}
