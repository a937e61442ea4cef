package verify

import (
	"testing"

	"vmloom/process"
	"vmloom/profile"
)

// TestGuestRowsAreFramed: whatever a row asks of the guest, the answer stands in a frame,
// so that neither a dead connection nor anybody else can give it.
func TestGuestRowsAreFramed(t *testing.T) {
	for _, text := range []string{
		"host: {os: macos, user: ada}\nguest: {system: debian, release: \"13\", env: {A: b}, packages: [git], timezone: Etc/UTC}\nhome: {disk: 1GiB}\n" +
			"mounts: [{host: ~/src, guest: /mnt/src, writable: true}]\nsockets: [{name: s, host: ~/s.sock, env: SSH_AUTH_SOCK, check: ssh-add -l}]\nonepassword: {tokenFile: ~/.token}\n",
		"host: {os: linux, user: ada}\nguest: {system: guix}\nhome: {disk: 1GiB}\n",
	} {
		p, err := profile.Load("vm.yaml", []byte("version: 1\nname: vm\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, c := range Checks(p) {
			if c.Side != Guest || c.steps == nil {
				continue
			}
			rows++
			asks := false
			for _, step := range c.steps(site(t)) {
				asks = asks || isFramed(step.Cmd)
			}
			if !asks {
				t.Errorf("%s asks the guest, and takes any answer", c.ID)
			}
		}
		if rows < 8 {
			t.Errorf("%d rows of the guest", rows)
		}
	}
}

func TestInFrame(t *testing.T) {
	const command = "sh -c '" + frame + "' vmloom-abc uname"
	for _, c := range []struct {
		name, out, text string
		status          int
		ok              bool
	}{
		{"plain", "vmloom-abc begins\nLinux\n\nvmloom-abc ends 0\n", "Linux\n", 0, true},
		{"no line of its own", "vmloom-abc begins\nLinux\nvmloom-abc ends 3\n", "Linux", 3, true},
		{"login scripts round it", "welcome\nvmloom-abc begins\n\nvmloom-abc ends 0\nbye\n", "", 0, true},
		{"cut off", "vmloom-abc begins\nLin", "", 0, false},
		{"of another run", "vmloom-xyz begins\nLinux\n\nvmloom-xyz ends 0\n", "", 0, false},
		{"none", "Linux\n", "", 0, false},
	} {
		_, text, status, ok := inFrame(c.out, command)
		if text != c.text || status != c.status || ok != c.ok {
			t.Errorf("%s: %q %d %v", c.name, text, status, ok)
		}
	}
	a := answer{out: "Linux\n"}
	a.unframe(process.Cmd{Args: []string{"sh", "-c", frame, "vmloom-abc", "uname"}})
	if a.lost == "" || a.ok() {
		t.Errorf("%+v", a)
	}
}
