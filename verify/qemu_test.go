package verify_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vmloom/profile"
	"vmloom/verify"
)

// qemuVM is a VM of the runner qemu whose guest is this machine, behind a stand-in for ssh.
func qemuVM(t *testing.T, edit func(string) string) *fakeVM {
	t.Helper()
	home := t.TempDir()
	src, err := os.ReadFile("../examples/dev-vm/vmloom.yaml")
	must(t, err)
	p, err := profile.Load("vmloom.yaml", []byte(edit(string(src))))
	must(t, err)
	state := filepath.Join(home, "state")
	must(t, os.MkdirAll(state, 0o755))
	v := &fakeVM{t: t, profile: p, site: &verify.Site{
		Home: home, Config: filepath.Join(home, ".config"), User: "dev", LimaHome: filepath.Join(home, ".lima"), State: state, OS: "linux", Arch: "x86_64",
		KVM: filepath.Join(home, "kvm"), Proc: "/proc", Base: home, Generated: filepath.Join(home, "generated"), Files: map[string][]byte{}, Token: "token", Now: time.Now,
	}}
	v.write("bin/ssh", `#!/bin/sh
[ ! -e "$HOME/down" ] || { echo 'ssh: connect to host 127.0.0.1 port 22: Connection refused' >&2; exit 255; }
for last; do :; done
exec sh -c "$last"
`)
	must(t, os.Chmod(filepath.Join(home, "bin/ssh"), 0o755))
	t.Setenv("PATH", filepath.Join(home, "bin")+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	return v
}

// process starts what a look at the process list takes for the VM's QEMU.
func (v *fakeVM) process(words ...string) {
	v.t.Helper()
	pid := filepath.Join(v.site.State, "pid")
	cmd := exec.Command("sh", append([]string{"-c", "cat; :", "qemu-system-x86_64", "-pidfile", pid}, words...)...)
	in, err := cmd.StdinPipe()
	must(v.t, err)
	must(v.t, cmd.Start())
	v.t.Cleanup(func() { in.Close(); cmd.Wait() })
	must(v.t, os.WriteFile(pid, fmt.Appendln(nil, cmd.Process.Pid), 0o644))
}

// TestQEMUVM: what a VM of QEMU may be, from none to one that keeps its promises.
func TestQEMUVM(t *testing.T) {
	v := qemuVM(t, onFreePorts(t))
	port := v.profile.Ports[0]
	table := verify.Checks(v.profile)
	look := func(only string) []verify.Result { return verify.Run(t.Context(), v.site, table, only) }

	v.wants(look("instance"), `failed instance/exists: there is no ~/state/system.qcow2`, `skipped instance/ours: needs: .*`, `skipped instance/running: needs: .*`, `skipped instance/here: needs: .*`)
	v.write("state/system.qcow2", "")
	v.wants(look("instance/here"), `failed instance/here: it was not started since the profile names something beside itself`)
	v.site.Owner.Path = filepath.Join(v.site.Base, "vmloom.yaml")
	v.write("state/project", v.site.Base+"\n")
	v.wants(look("instance"), `ok instance/exists: ~/state`, `ok instance/ours: by its mark`, `failed instance/running: Stopped`, `ok instance/here: .*`)
	must(t, os.Mkdir(filepath.Join(v.site.State, "pid"), 0o755))
	v.wants(look("instance/running"), `unknown instance/running: .*/pid: is a directory`)
	must(t, os.Remove(filepath.Join(v.site.State, "pid")))
	v.write("state/pid", "999999999\n")
	v.wants(look("instance/running"), `failed instance/running: crashed`)
	v.write("state/pid", fmt.Sprintln(os.Getpid())) // a number that is another program's by now
	v.wants(look("instance/running"), `failed instance/running: crashed`)
	// As on a Mac, where ps tells, which ends with 1 where there is no such process.
	v.site.Proc = filepath.Join(v.site.Home, "none")
	v.write("bin/ps", "#!/bin/sh\nexit 1\n")
	must(t, os.Chmod(filepath.Join(v.site.Home, "bin/ps"), 0o755))
	v.wants(look("instance/running"), `failed instance/running: crashed`)
	v.write("bin/ps", "#!/bin/sh\necho 'ps: cannot fork' >&2\nexit 2\n")
	v.wants(look("instance/running"), `unknown instance/running: ps: .*cannot fork`)
	must(t, os.Remove(filepath.Join(v.site.Home, "bin/ps")))
	v.site.Proc = "/proc"
	v.process("-smp", "4", "-netdev", fmt.Sprintf("user,id=net0,hostfwd=tcp:127.0.0.1:%d-:%d", port.Host.First, port.Guest.First))
	v.wants(look("instance/running"), `ok instance/running: process [0-9]+`)

	v.wants(look("access/guest"), `ok access/guest: Linux`)
	v.wants(look("guest/arch"), `ok guest/arch: `+v.profile.Guest.Arch)
	v.wants(look("user/name"), `failed user/name: `+strings.TrimSpace(v.run("id", "-un"))+` instead of dev`)
	v.wants(look(fmt.Sprint("port/", port.Host)), `ok port/[0-9]+/free: free`, `failed port/[0-9]+: the host's port is closed`)
	v.wants(look("home/kept"), `failed home/kept: there is none`)
	v.write("state/"+v.profile.HomeDisk(), "small")
	v.wants(look("home/kept"), `failed home/kept: .*, 5B; the profile says 20GiB`)
	must(t, os.Truncate(filepath.Join(v.site.State, v.profile.HomeDisk()), int64(v.profile.Home.Disk)))
	v.wants(look("home/kept"), `ok home/kept: .*, 20GiB`)
	must(t, os.Truncate(filepath.Join(v.site.State, v.profile.HomeDisk()), int64(v.profile.Home.Disk)*2))
	v.wants(look("home/kept"), `failed home/kept: .*, 40GiB; the profile says 20GiB`)

	v.write("down", "")
	v.wants(look("access/guest"), `failed access/guest: ssh: connect to host .*: Connection refused`)
	v.wants(look("guest/arch"), `failed access/guest: .*`, `skipped guest/arch: needs: the guest answers`)
}

// TestQEMUOneConnection: all rows of a guest go by one connection, which is made by the file of the VM's last start and whose
// other shells, if any, share it; ssh without that file only tells its settings.
func TestQEMUOneConnection(t *testing.T) {
	v := qemuVM(t, onFreePorts(t))
	v.write("state/system.qcow2", "")
	v.write("state/project", v.site.Base+"\n")
	v.site.Owner.Path = filepath.Join(v.site.Base, "vmloom.yaml")
	v.process("-smp", "4")
	v.write("bin/ssh", `#!/bin/sh
echo "$*" >>"$HOME/sshs"
case " $* " in *' -G '*) printf 'host dev-vm\nhostname 127.0.0.1\n'; exit ;; esac
for last; do :; done
exec sh -c "$last"
`)
	asked := 0
	table := slices.DeleteFunc(verify.Checks(v.profile), func(c verify.Check) bool { return c.Restart })
	for _, r := range verify.Run(t.Context(), v.site, table, "") {
		if r.Side == verify.Guest && r.Status != verify.Skipped {
			asked++
		}
	}
	data, err := os.ReadFile(filepath.Join(v.site.Home, "sshs"))
	must(t, err)
	made, shared, by := 0, 0, ""
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		switch at := strings.Join(words[:min(6, len(words))], " "); {
		case strings.HasPrefix(line, "-o ControlMaster=yes -o ControlPath=/tmp/vmloom-s-") && strings.HasSuffix(line, " exec sh -s lane\n"):
			made++
			by = strings.Replace(at, "Master=yes", "Master=no", 1)
		case by != "" && at == by && strings.HasSuffix(line, " exec sh -s lane\n"):
			shared++
		case !strings.Contains(line, " -G "):
			t.Errorf("ssh %s", line)
		}
	}
	if made != 1 || shared > 1 || asked < 15 {
		t.Errorf("%d connections, %d shells that share it, %d rows\n%s", made, shared, asked, data)
	}
}

// TestQEMUAnother: a QEMU that forwards another port was started before the profile changed.
func TestQEMUAnother(t *testing.T) {
	v := qemuVM(t, onFreePorts(t))
	v.write("state/system.qcow2", "")
	v.process("-smp", "4")
	table := verify.Checks(v.profile)
	id := fmt.Sprint("port/", v.profile.Ports[0].Host)
	v.wants(v.notOK(table, id), `failed `+id+`: process [0-9]+ does not forward it`)
}

// TestMachine: what a host lacks for a VM of QEMU, and for one of Lima on macOS.
func TestMachine(t *testing.T) {
	v := qemuVM(t, onFreePorts(t))
	v.site.Memory = 1 << 50
	for name, says := range map[string]string{"qemu-system-x86_64": "QEMU emulator version 9.9.9", "qemu-img": "qemu-img version 9.9.9", "mke2fs": "mke2fs 1.47", "guix": "guix (GNU Guix) 1.5.0"} {
		v.write("bin/"+name, "#!/bin/sh\necho '"+says+"'\n")
		must(t, os.Chmod(filepath.Join(v.site.Home, "bin", name), 0o755))
	}
	v.write("bin/ssh", "#!/bin/sh\necho OpenSSH_9.2p1 >&2\n")
	v.write("kvm", "")
	v.write("bin/df", "#!/bin/sh\n"+stubs["df"]+"\n")
	must(t, os.Chmod(filepath.Join(v.site.Home, "bin/df"), 0o755))
	table := verify.Machine(v.profile)
	v.wants(v.notOK(table, ""), `failed accel/kvm: it is there, and makes none: .*`) // a file is no KVM

	v.write("bin/guix", "#!/bin/sh\necho 'guix (GNU Guix) 1.3.0'\n")
	v.wants(v.notOK(table, "tool/guix"), `failed tool/guix: guix \(GNU Guix\) 1.3.0`)
	v.write("bin/qemu-img", "#!/bin/sh\necho broken >&2; exit 1\n")
	v.wants(v.notOK(table, "tool/qemu-img"), `failed tool/qemu-img: qemu-img: broken`)
	must(t, os.Remove(v.site.KVM))
	v.wants(v.notOK(table, "accel"), `failed accel/kvm: .*`)
	v.site.OS = "macos"
	v.wants(v.notOK(table, "host/os"), `failed host/os: macos`)
}
