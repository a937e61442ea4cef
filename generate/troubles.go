package generate

import (
	"fmt"

	"vmloom/profile"
)

// trouble is a row of the last table; code in it holds no |.
type trouble struct{ See, Because, Do prose }

func troubles(p *profile.Profile) []trouble {
	script := func(verb string) string { return "./scripts/" + p.Name + "-" + verb + ".sh" }
	out := []trouble{
		{say("%s ends with: did not become ready", "create"), say("a promise of this set-up does not hold: the last probe that %s names", "limactl"), say("see %s here and %s in the guest", "~/.lima/"+p.Lima.Instance+"/ha.stderr.log", "/var/log/cloud-init-output.log")},
		{say("the instance is %s", "Broken"), say("the host crashed or was switched off"), say("%s", script("repair"))},
		{say("%s takes minutes", "stop"), say("the guest was still booting and did not hear the power button"), say("wait, or %s", "limactl stop -f "+p.Lima.Instance)},
		{say("a generated file was %s", "kept"), say("it was edited by hand, and belongs to the profile"), say("%s shows the edit: write it into the profile, then %s", "vmloom gen --diff", "vmloom gen --force")},
	}
	if len(p.Sockets) > 0 {
		out = append(out, trouble{say("connection refused at a socket that is there"), say("the forward died with a sleep or a change of network"), say("%s", script("repair"))},
			trouble{say("connection reset at a socket"), say("nothing listens on the host's side"), say("start the program on the host; the forward need not be made anew")})
	}
	if len(p.Mounts) > 0 {
		out = append(out, trouble{say("a shared directory is empty"), say("the guest was rebooted from inside"), say("%s", "limactl restart "+p.Lima.Instance)})
	}
	if p.Home.Disk > 0 {
		out = append(out, trouble{say("the home's disk is in use by an instance that is gone"), say("a crash left the lock"), say("%s", "limactl disk unlock "+p.HomeDisk())})
	}
	if p.Lima.SSHPort != 0 {
		out = append(out, trouble{say("the start fails within seconds"), say(fmt.Sprintf("something else holds port %d", p.Lima.SSHPort)), say("free it, or write %s", "sshPort: 0")})
	}
	if p.WezTerm != nil && p.WezTerm.Via == "exec" {
		out = append(out, trouble{say("WezTerm's tab closes at once"), say("the VM does not run"), say("%s", script("create"))})
	}
	return out
}
