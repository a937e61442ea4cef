package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/verify"
)

// gpgGuest is a guest of the real ssh and the real gpg on this machine: a home of gpg's for the host, whose agent has a
// key, and one for the guest.
type gpgGuest struct {
	ssh           sshServer
	host, guest   string // homes of gpg
	profile       *profile.Profile
	site          *verify.Site
	script, state string
}

func newGPGGuest(t *testing.T) *gpgGuest {
	t.Helper()
	tooltest.Need(t, "gpg-connect-agent")
	dir, err := os.MkdirTemp("/tmp", "gpg") // short, as sockets want it
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	g := &gpgGuest{host: filepath.Join(dir, "h"), guest: filepath.Join(dir, "g")}
	for _, home := range []string{g.host, g.guest} {
		must(t, os.Mkdir(home, 0o700))
		t.Cleanup(func() { exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() })
	}
	g.gpg(t, g.host, "gpg", "--batch", "--passphrase", "", "--quick-generate-key", "T <t@example.org>", "ed25519", "sign", "0")
	g.ssh = newSSHD(t, "SetEnv GNUPGHOME="+g.guest)

	extra := strings.TrimSpace(g.gpg(t, g.host, "gpgconf", "--list-dirs", "agent-extra-socket"))
	g.profile, err = profile.Load("vmloom.yaml", fmt.Appendf(nil, "version: 1\nname: box\nhost: {os: linux}\nguest: {system: guix, user: {name: u}}\nsockets: [{name: gpg, from: gpg-agent, host: %s}]\n", extra))
	must(t, err)
	// Of this user, in the guest's home of gpg.
	g.profile.Sockets[0].Guest = strings.TrimSpace(g.gpg(t, g.guest, "gpgconf", "--list-dirs", "agent-socket"))
	files, err := generate.Files(g.profile, nil)
	must(t, err)
	i := slices.IndexFunc(files, func(f generate.File) bool { return f.Path == "scripts/box-create.sh" })
	functions, _, ok := strings.Cut(string(files[i].Data), "\nforeground=no\n")
	if !ok {
		t.Fatal("the script has no functions")
	}
	g.script, g.state = filepath.Join(dir, "script"), filepath.Join(dir, "vmloom/box")
	must(t, os.MkdirAll(g.state, 0o700))
	writeFile(t, g.script, functions+"\nask\nforward\nbring_keyring\n")
	config, err := os.ReadFile(g.ssh.config)
	must(t, err)
	writeFile(t, filepath.Join(g.state, "ssh.config"), strings.ReplaceAll(strings.Replace(string(config), "Host t\n", "Host box\n  LogLevel ERROR\n", 1), "/master", "/master2"))
	g.site = &verify.Site{Home: dir, State: g.state, UID: os.Getuid(), OS: "linux", Token: "t", Now: time.Now}
	t.Setenv("GNUPGHOME", g.host)
	t.Setenv("XDG_STATE_HOME", dir)
	t.Cleanup(func() {
		exec.Command("ssh", "-F", filepath.Join(g.state, "ssh.config"), "-S", filepath.Join(g.state, "forward.sock"), "-O", "exit", "box").Run()
	})
	return g
}

func (g *gpgGuest) gpg(t *testing.T, home string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "GNUPGHOME="+home)
	cmd.Stdin = strings.NewReader("text\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}

// forwards runs the functions of the script, and gives what they say.
func (g *gpgGuest) forwards(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("sh", g.script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// verify gives the status of each row of the socket.
func (g *gpgGuest) verify(t *testing.T) string {
	var rows []verify.Check
	for _, c := range verify.Checks(g.profile) {
		if strings.HasPrefix(c.ID, "socket/gpg/") {
			c.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(id string) bool { return !strings.HasPrefix(id, "socket/gpg/") })
			rows = append(rows, c)
		}
	}
	out := ""
	for _, r := range verify.Run(t.Context(), g.site, rows, "") {
		out += strings.TrimPrefix(r.ID, "socket/gpg/") + " " + string(r.Status) + "\n"
		t.Log(r.ID, r.Status, r.Seen)
	}
	return out
}

// TestGPGForward has the scripts forward gpg's agent by the real ssh and bring the keys of the real gpg: what the guest
// has of its own is never taken for the host's.
func TestGPGForward(t *testing.T) {
	g := newGPGGuest(t)
	own := func() { g.gpg(t, g.guest, "gpgconf", "--launch", "gpg-agent") }
	own()
	if got, want := g.verify(t), "host ok\nthere ok\nanswers failed\ncheck skipped\nkeys skipped\n"; got != want {
		t.Errorf("with an agent of the guest's own:\n%s", got)
	}
	said := g.forwards(t)
	for _, want := range []string{"socket gpg: a program of the guest had its place", "socket gpg: forwarded to ", "gpg: 1 of the 1 public keys of this host are new in the guest"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	if got, want := g.verify(t), "host ok\nthere ok\nanswers ok\ncheck ok\nkeys ok\n"; got != want {
		t.Errorf("forwarded:\n%s", got)
	}
	if out, err := g.ssh.run("t", "echo text | gpg --batch --no-autostart --clearsign"); err != nil || !strings.Contains(out, "BEGIN PGP SIGNATURE") {
		t.Errorf("the guest does not sign: %v\n%s", err, out)
	}
	if said := g.forwards(t); said != "" {
		t.Errorf("again, with nothing to do:\n%s", said)
	}
	exec.Command("ssh", "-F", filepath.Join(g.state, "ssh.config"), "-S", filepath.Join(g.state, "forward.sock"), "-O", "exit", "box").Run()
	own() // as any gpg there does where the forward is dead
	if got := g.verify(t); !strings.Contains(got, "answers failed\n") {
		t.Errorf("taken by the guest's own:\n%s", got)
	}
	g.forwards(t)
	if got := g.verify(t); strings.Contains(got, "failed") {
		t.Errorf("forwarded again:\n%s", got)
	}
}
