package verify

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"vmloom/process"
	"vmloom/profile"
)

// answered is an answer as a command gives it.
func answered(out string) answer { return answer{out: out} }

func refused(talk string, status int) answer {
	return answer{talk: talk, status: status, err: &process.ExitError{Cmd: process.Cmd{Args: []string{"tool"}}, Status: status}}
}

func absent() answer { return answer{status: -1, err: exec.ErrNotFound} }

func lost(why string) answer { return answer{lost: why, err: errors.New(why)} }

func judged(t *testing.T, p *profile.Profile, id string, answers ...answer) string {
	t.Helper()
	for _, c := range append(Checks(p), Machine(p)...) {
		if c.ID != id {
			continue
		}
		s := &Site{Token: "token", Home: "/home/ada"}
		if c.judge != nil {
			v := c.judge(s, answers)
			return strings.TrimSpace(string(v.status) + " " + v.seen)
		}
		s.run = func(context.Context, process.Cmd) answer {
			next := answers[0]
			answers = answers[1:]
			return next
		}
		v := c.look(t.Context(), newSession(s))
		return strings.TrimSpace(string(v.status) + " " + v.seen)
	}
	t.Fatalf("no row %s that judges", id)
	return ""
}

const ownKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtest x"

const verdictsProfile = `version: 1
name: dev
host: {os: macos, user: ada, home: /Users/ada}
lima: {instance: default}
guest:
  system: ubuntu
  release: "26.04"
  user: {name: ada, shell: zsh, authorizedKeys: [host, ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtest x]}
  packages: [git]
home: {disk: 10GiB}
mounts: [{host: ~/src, writable: true}, {host: ~/doc}]
sockets: [{name: docker, from: colima, check: docker ps}]
wezterm: {domain: dev, via: mux, keys: {newTab: [CMD+T]}}
autostart: login
`

// TestVerdicts: what each kind of answer means. No answer says nothing of what was asked.
func TestVerdicts(t *testing.T) {
	p, err := profile.Load("vmloom.yaml", []byte(verdictsProfile))
	if err != nil {
		t.Fatal(err)
	}
	same := answered("id\n")
	for _, c := range []struct {
		id      string
		answers []answer
		want    string
	}{
		{"access/guest", []answer{refused("no route", 255)}, "failed no route"},
		{"access/ssh-config", []answer{lost("gone"), same}, "unknown gone"},
		{"access/ssh-config", []answer{refused("x", 1)}, "unknown the guest does not say: x"},
		{"access/ssh-config", []answer{same, answered("other\n")}, "failed another machine answers there"},
		{"access/ssh-config", []answer{same, same}, "ok this very guest answers"},
		{"guest/arch", []answer{answered("vmloom machine=\n")}, "unknown the guest does not say: status 0"},
		{"space/host", []answer{refused("df: no", 1)}, "unknown df: df: no"},
		{"space/host", []answer{answered("nonsense")}, "unknown df: tells nothing"},
		{"home/disk", []answer{refused("no findmnt", 127)}, "unknown the guest does not say: no findmnt"},
		{"home/disk", []answer{answered("vmloom notice=none\n")}, "unknown the guest does not say: status 0"},
		{"home/disk", []answer{answered("vmloom label=" + p.HomeLabel() + "\n")}, "unknown the guest does not say: status 0"},
		{"home/disk", []answer{answered("vmloom label=\nvmloom notice=no disk\n")}, "failed this home is temporary, on nothing: no disk"},
		{"home/disk", []answer{answered("vmloom label=" + p.HomeLabel() + "\nvmloom notice=has errors\n")}, "failed this home is read-only: has errors"},
		{"home/disk", []answer{answered("vmloom label=" + profile.OldHomeLabel + "\nvmloom notice=none\n")}, "ok label vmloom-home"},
		{"space/system", []answer{answered("vmloom system=/dev/vda1 50000000 20000000 30000000 40% /\nvmloom size0=99\nvmloom size1=\n")}, "ok 28 GiB free, 40% used"},
		{"space/system", []answer{answered("vmloom system=/dev/vda1 50000000 49100000 900000 99% /\nvmloom size0=3000000\nvmloom size1=200000\n")}, "failed 878 MiB free, 99% used; may go: apt's downloads 2929 MiB, old journal 195 MiB"},
		{"space/home", []answer{answered("vmloom home=/dev/vdb1 50000000 49950000 50000 100% /\n")}, "failed 48 MiB free, 100% used"},
		{"space/home", []answer{answered("vmloom system=/dev/vda1 50000000 20000000 30000000 40% /\n")}, "unknown df: tells nothing"},
		{"home/kept", []answer{refused("no limactl", 1)}, "unknown limactl disk list: no limactl"},
		{"home/kept", []answer{answered(`{"name":"` + p.HomeDisk() + `","size":1073741824,"instance":"other"}`)}, "failed in use by other"},
		{"home/kept", []answer{answered(`{"name":"` + p.HomeDisk() + `","size":1073741824}`)}, "failed dev-home, 1GiB; the profile says 10GiB"},
		{"home/kept", []answer{answered(`{"name":"` + p.HomeDisk() + `","size":10737418240}`)}, "ok dev-home, 10GiB"},
		{"home/writable", []answer{refused("Read-only file system", 1)}, "failed Read-only file system"},
		{"home/owner", []answer{refused("no stat", 127)}, "unknown the guest does not say: no stat"},
		{"home/owner", []answer{answered("vmloom me=1000\nvmloom owner=501\n")}, "failed it is of number 501, and you are 1000"},
		{"home/owner", []answer{answered("vmloom me=1000\nvmloom owner=1000\nvmloom disk=9\nvmloom stray=501 9 /home/ada/a file\n")}, "failed /home/ada/a file is of number 501, whom the guest does not know"},
		{"home/owner", []answer{answered("vmloom me=1000\nvmloom owner=1000\nvmloom disk=9\nvmloom stray=501 8 /home/ada/src\nvmloom stray=999 9 /home/ada/db\nvmloom stray=100999 9 /home/ada/.local\n")}, "ok number 1000"},
		{"wezterm/loads", []answer{absent()}, "skipped no luac on this host; the file is as it was generated"},
		{"wezterm/loads", []answer{answered("Lua 5.4"), refused("luac: x.lua:1: oops", 1)}, "failed luac: x.lua:1: oops"},
		{"user/keys", []answer{answered(ownKey), answered("not a key\n")}, "failed no public key is in ~/.ssh here: ssh-keygen -t ed25519 makes one"},
		{"user/keys", []answer{answered(ownKey), answered("ssh-rsa AAAA ada\r\n")}, "failed missing: ssh-rsa AAAA ada"},
		{"user/keys", []answer{answered(ownKey + "\nssh-rsa AAAA ada\n"), answered("ssh-rsa AAAA ada\r\n")}, "ok 2"},
		{"user/keys", []answer{answered("ssh-rsa AAAA ada\n"), answered("ssh-rsa AAAA ada")}, "failed missing: " + ownKey},
		{"wezterm/keys", []answer{absent()}, "skipped no wezterm on this PATH to ask"},
		{"wezterm/keys", []answer{refused("cannot", 1)}, "unknown wezterm show-keys: cannot"},
		{"wezterm/keys", []answer{answered("SUPER X -> Nop\n")}, "failed not bound: CMD+T"},
		{"wezterm/keys", []answer{answered(`SUPER phys:T -> SpawnTab(DomainName("dev"))`)}, "ok 1 keys"},
		{"wezterm/connects", []answer{same, same, lost("cut")}, "unknown cut"},
		{"wezterm/connects", []answer{same, answered("other"), same, same}, "failed another machine answers there"},
		{"wezterm/connects", []answer{lost("cut"), same, same, same}, "unknown cut"},
		{"wezterm/connects", []answer{same, same, refused("sh: wezterm: not found", 127)}, "failed sh: wezterm: not found"},
		{"wezterm/connects", []answer{same, same, answered("wezterm 1"), absent()}, "skipped wezterm 1 in the guest; no wezterm on this PATH to compare with"},
		{"wezterm/connects", []answer{same, same, answered("wezterm 1"), refused("crashed", 134)}, "unknown wezterm --version: crashed"},
		{"wezterm/connects", []answer{same, same, answered("wezterm 1"), answered("wezterm 2")}, "failed wezterm 1 in the guest, wezterm 2 here"},
		{"wezterm/connects", []answer{same, same, answered("wezterm 1"), answered("wezterm 1")}, "ok wezterm 1 on both sides"},
		{"accel/hvf", []answer{answered("0")}, "failed kern.hv_support: 0"},
		{"accel/hvf", []answer{answered("1")}, "ok kern.hv_support: 1"},
		{"tool/limactl", []answer{absent()}, "failed limactl: not found"},
	} {
		if got := judged(t, p, c.id, c.answers...); got != c.want {
			t.Errorf("%s %+v:\n got %s\nwant %s", c.id, c.answers, got, c.want)
		}
	}
}
