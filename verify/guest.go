package verify

import (
	"strings"

	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// inside is the command that runs words in the guest as a login session of its
// user has them, whatever his shell is.
func inside(p *profile.Profile, s *Site, words ...string) process.Cmd {
	return runBy(p).inside(p, s, framed(s, words)...)
}

func limaInside(p *profile.Profile, _ *Site, words ...string) process.Cmd {
	return process.Cmd{Args: append([]string{"limactl", "shell", "--workdir", "/", p.Lima.Instance}, words...)}
}

func qemuInside(p *profile.Profile, s *Site, words ...string) process.Cmd {
	return process.Cmd{Args: append(qemuSSH(p, s), "exec sh -lc "+remoteWord(`exec "$@"`)+" sh "+remoteWords(words))}
}

// insideSh runs a line of sh in the guest. As in frame, it should hold no backslash.
func insideSh(p *profile.Profile, s *Site, line string) process.Cmd {
	return inside(p, s, "sh", "-c", line)
}

func guestStep(p *profile.Profile, s *Site, line string) process.Step {
	return process.Step{Cmd: insideSh(p, s, line)}
}

func limaSSH(p *profile.Profile, s *Site) []string {
	return sshBy(p, s.LimaHome+"/"+p.Lima.Instance+"/"+lima.SSHConfig)
}

func qemuSSH(p *profile.Profile, s *Site) []string { return sshBy(p, s.State+"/ssh.config") }

// sshBy has a connection of its own, since the one that Lima shares may hang. But for the last two of its options it is
// what the generated configurations of ssh and of WezTerm make.
func sshBy(p *profile.Profile, config string) []string {
	return []string{"ssh", "-F", config, "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ServerAliveInterval=15", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", p.SSHAlias()}
}

// overSSH runs words in the guest by ssh alone, which opens no login session.
func overSSH(p *profile.Profile, s *Site, words ...string) process.Cmd {
	return process.Cmd{Args: append(runBy(p).ssh(p, s), "exec "+remoteWords(framed(s, words)))}
}

// remoteWords are words for ssh, which joins them with blanks, and the user's shell
// takes them apart again.
func remoteWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = remoteWord(w)
	}
	return strings.Join(quoted, " ")
}

// remoteWord writes a word so that sh, bash, zsh and fish read the same.
func remoteWord(s string) string {
	return "'" + strings.NewReplacer("'", `'"'"'`, `\`, `'"\\"'`).Replace(s) + "'"
}

// facts are what one look at the guest tells, for many rows.
type facts map[string]string

// factsLine prints each as "vmloom NAME=VALUE".
const factsLine = `f() { echo "vmloom $1=$2"; }
f kernel "$(uname -s)"; f machine "$(uname -m)"; f host "$(uname -n)"
f user "$(id -un)"; f uid "$(id -u)"; f home "$HOME"
f cpus "$(getconf _NPROCESSORS_ONLN)"; f time "$(date +%s)"; f zone "$(readlink /etc/localtime)"
f system "$(. /etc/os-release && echo "$ID")"; f release "$(. /etc/os-release && echo "$VERSION_ID")"
f marker "$(cat /etc/vmloom-profile 2>/dev/null)"`

// fact is a step that asks for all facts; equal ones run once.
func fact(p *profile.Profile) func(*Site) []process.Step {
	return func(s *Site) []process.Step { return []process.Step{guestStep(p, s, factsLine)} }
}

func readFacts(a answer) facts {
	out := facts{}
	for line := range strings.Lines(a.out) {
		if rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "vmloom "); ok {
			name, value, _ := strings.Cut(rest, "=")
			out[name] = value
		}
	}
	return out
}

// mute is the verdict of a guest that was asked and does not tell.
func mute(a answer) verdict {
	return unknown("the guest does not say: %s", a.why()).since(say("a tool of the guest that would tell is missing, or fails"), say("run it in the guest: %s", vmloom("ssh")))
}

// isFact judges one fact: it must be one of the wanted values.
func isFact(name string, wanted ...string) func(*Site, []answer) verdict {
	return func(_ *Site, answers []answer) verdict {
		a := answers[0]
		got, told := readFacts(a)[name]
		if !told || got == "" {
			return mute(a)
		}
		for _, w := range wanted {
			if got == w {
				return good("%s", got)
			}
		}
		return bad("%s instead of %s", orNothing(got), wanted[0])
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
