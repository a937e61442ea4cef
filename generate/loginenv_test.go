package generate_test

import (
	"os/exec"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestLoginEnv has the real shells start as the guest's do, with what PAM's environment of an older connection has: login
// shells have the profile's values, others what they were given, and what the profile has no more is nowhere.
func TestLoginEnv(t *testing.T) {
	unshare := tooltest.Need(t, "unshare")
	const greeting = `it's #1 "of" \2 $HOME  !`
	for _, shell := range profile.LoginShells() {
		path := tooltest.Need(t, shell)
		provision := func(env string) string {
			p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: a\nhost: {os: linux}\nguest: {system: debian, release: '13', user: {name: me, shell: "+shell+"}"+env+"}\n"))
			must(t, err)
			return provisionOf(t, p)
		}
		between := func(text, from, to string) string {
			_, rest, found := strings.Cut(text, from)
			part, _, ends := strings.Cut(rest, to)
			if !found || !ends {
				t.Fatalf("%s: nothing between %q and %q", shell, from, to)
			}
			return part
		}
		with := provision(", env: {EDITOR: nano, GREETING: '" + strings.ReplaceAll(greeting, "'", "''") + "', PAGER: less}")
		sets := "cat >/etc/profile.d/vmloom.sh" + between(with, "cat >/etc/profile.d/vmloom.sh", "\nVMLOOM_ENV\n") + "\nVMLOOM_ENV\n"
		if shell != "bash" {
			sets += "# zsh and fish" + between(with, "\n# zsh and fish", "\n\n") + "\n"
		}
		gone := "#" + between(provision(""), "\n# What Lima and cloud-init do", "\nshell=")
		script := `for dir in /etc/profile.d /etc/zsh /etc/fish /var/lib; do [ ! -d $dir ] || mount -t tmpfs tmpfs $dir; done
export EDITOR=vim HOME=/nowhere gone_env=
unset GREETING PAGER
` + sets + sets + `
SHELL -lc 'printenv EDITOR GREETING PAGER'
SHELL -c 'printenv EDITOR'
` + gone + `
SHELL -lc 'printenv EDITOR GREETING'
`
		cmd := exec.Command(unshare, "--map-root-user", "--mount", "--propagation", "private", "sh", "-uc", strings.ReplaceAll(script, "SHELL", path))
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if want := "nano\n" + greeting + "\nless\nvim\nvim\n"; string(out) != want {
			t.Errorf("%s: %v: %s\n%s\nwant\n%s", shell, err, said.String(), out, want)
		}
	}
}
