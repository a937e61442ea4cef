package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

// functions are those of a script of testdata/golden, of a line or more.
func functions(t *testing.T, file string, names ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../testdata/golden", file))
	must(t, err)
	all := "say() { echo \"$1\"; }\ndie() { echo \"$1\"; exit 1; }\n"
	for _, name := range names {
		found := regexp.MustCompile(`(?ms)^` + name + `\(\) \{(.*?^\}$|[^\n]*\}( #[^\n]*)?$)`).FindString(string(data))
		if found == "" {
			t.Fatalf("%s: no function %s", file, name)
		}
		all += found + "\n"
	}
	return all
}

// part is that of a script from where one text begins to where another does.
func part(t *testing.T, file, from, to string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../testdata/golden", file))
	must(t, err)
	_, rest, found := strings.Cut(string(data), from)
	text, _, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("%s: nothing from %s to %s", file, from, to)
	}
	return from + text + "\n"
}

// TestUntoldState: what of a VM's directory could not be asked is not taken for an answer, and nothing of it goes.
func TestUntoldState(t *testing.T) {
	const qemu = "guix-linux/generated/guix-box/scripts/guix-box-"
	const lima = "full/generated/full/scripts/full-"
	kept := functions(t, qemu+"snapshot.sh", "told", "below", "inode", "finish_snapshot", "lay_over", "sweep_disks", "put")
	restore := functions(t, lima+"create.sh", "told", "finish_restore")
	ports := functions(t, qemu+"apply.sh", "live_ports")
	forward := functions(t, lima+"repair.sh", "forward")
	for _, c := range []struct {
		name, script, want string
		tools              map[string]string
		files              map[string]string
		left               []string // of files, which the script must leave
	}{
		{"which disk a snapshot has", kept + "sweep_disks", "", map[string]string{"qemu-img": "echo image: it", "sed": `case $* in *snapshot.*) exit 4 ;; esac; PATH=${PATH#*:}; exec sed "$@"`},
			map[string]string{"snapshot.a": "# disk=disk-1\n", "disk-1": "", "system.qcow2": ""}, []string{"disk-1"}},
		{"which disks a snapshot has", kept + "sweep_disks; ls", "home-1", map[string]string{"qemu-img": "echo image: it"},
			map[string]string{"snapshot.a": "# disk=disk-1\n# home=home-1\n", "disk-1": "", "home-1": "", "home-2": "", "system.qcow2": ""}, []string{"disk-1", "home-1"}},
		{"what was begun", kept + "finish_snapshot", "begun: does not say which snapshot was begun", map[string]string{"sed": "exit 4"},
			map[string]string{"begun": "# disk=disk-1\n", "disk-1": "", "system.qcow2": ""}, []string{"begun", "disk-1"}},
		{"whether a disk is the system's", kept + "finish_snapshot", "disk-1: whether it is ./system.qcow2 cannot be told", map[string]string{"stat": "exit 1"},
			map[string]string{"begun": "# disk=disk-1\n", "disk-1": "", "system.qcow2": ""}, []string{"begun", "disk-1"}},
		{"what a system is laid over", kept + "finish_snapshot", "system.qcow2: what it is laid over cannot be told", map[string]string{"qemu-img": "exit 1"},
			map[string]string{"restored": "# disk=disk-1\n", "disk-1": "", "system.qcow2": ""}, []string{"restored"}},
		{"a restore that cannot be finished", "lima_home=. instance=vm shelf=./kept\n" + restore + "finish_restore; echo done", "instance vm: a restore that was cut off cannot be finished",
			map[string]string{"mv": "exit 1"}, map[string]string{"kept/+was/disk": ""}, []string{"kept/+was/disk"}},
		{"what a system was called", "lima_home=. instance=vm shelf=./kept\n" + restore + "finish_restore; echo done", "done", nil,
			map[string]string{"kept/+next/disk": "", "vm/disk": ""}, []string{"kept/cut-off/disk"}},
		{"how much is free", functions(t, qemu+"snapshot.sh", "free_in", "room_for") + "room_for 10 .", ".: how much is free there cannot be told", map[string]string{"df": "exit 1"}, nil, nil},
		{"how much a system takes", functions(t, lima+"rebuild.sh", "taken_by") + "taken_by .", ".: how much it takes cannot be told", map[string]string{"du": "exit 1"}, nil, nil},
		{"what an image is", functions(t, qemu+"create.sh", "image_is", "check_image") + "check_image", "system.qcow2: what it is laid over cannot be told", map[string]string{"qemu-img": "exit 1"},
			map[string]string{"system.qcow2": "", "image.is": "image-1 5 5\n"}, nil},
		{"size and time of an image", functions(t, qemu+"create.sh", "image_is", "check_image") + "check_image", "image ./image-1: cannot be looked at",
			map[string]string{"qemu-img": "case $* in *system*) echo 'backing file: image-1' ;; esac", "stat": "exit 1"}, map[string]string{"system.qcow2": "", "image-1": "", "image.is": "image-1 5 5\n"}, nil},
		{"ports that do not come back", "port_rows() { echo 1; }\nforwarded_ports() { :; }\nset_ports() { echo tcp 127.0.0.1 8080 80 >ports.now; return 1; }\n" + ports + "live_ports",
			"not all are forwarded as they were", nil, nil, nil},
		{"a socket of a guest that does not answer", "connected=yes heard='' failed=0\nlistens() { return 255; }\nby() { echo removed; }\nshared() { echo removed; }\n" + forward + "forward agent /run/agent \"$PWD/agent\"; echo $failed",
			"the guest does not answer, so that nothing is known of /run/agent\n1\n", nil, nil, nil},
		{"a mount in a guest that does not answer", "in_guest() { return 255; }\nmkfifo() { echo removed; }\nagain='' otherwise=''\n" + functions(t, lima+"repair.sh", "word", "mounted", "remount") + "remount /a /b writable",
			"/b: the guest does not say whether it is mounted", nil, nil, nil},
		{"whose a process is", functions(t, qemu+"stop.sh", "look") + "look; echo removed", "ps: does not work, and so nobody knows whether the VM runs", map[string]string{"ps": "exit 2"},
			map[string]string{"pid": "1\n"}, nil},
		{"a process that is gone", functions(t, qemu+"stop.sh", "look") + "look; echo \"none: $pid.\"", "none: .", map[string]string{"ps": "exit 1"}, map[string]string{"pid": "1\n"}, nil},
		{"whether a VM had a disk", "record=fields\nmake_disk() { echo removed; }\n" + functions(t, "guix-disks/generated/box/scripts/box-create.sh", "new_disk") + "new_disk data-a.raw 1 1 disks[a]",
			"fields: whether the VM had data-a.raw cannot be told", map[string]string{"cut": "exit 1"}, map[string]string{"fields": "rebuild\tdisks[a]\tsize 1\n"}, nil},
		{"what a guest has of packages", "reach() { (\"$@\"); }\n" + part(t, lima+"apply.sh", "ask_guest() {", "\nASK\n}") + "ASK\n}\ncase $(ask_guest) in *packages*) echo removed ;; esac",
			"dpkg-query: does not work in the guest, so that what it lacks of the packages is not known", map[string]string{"dpkg-query": "exit 2"}, nil, nil},
		{"which system a guest ran", "was=''\nruns() { echo /system; }\n" + functions(t, "nixos-linux/generated/lab/scripts/lab-switch.sh", "still") + "still",
			"it runs /system, and nobody knows what it ran before", nil, nil, nil},
		{"which system a Guix guest ran", "was=''\nruns() { echo /system; }\n" + functions(t, qemu+"apply.sh", "not_switched") + "not_switched",
			"guix: the guest runs /system, and nobody knows what it ran before", nil, nil, nil},
		{"ports of Lima's that do not come back", "dir=. tmp=. lacks=''\nport_rows() { echo $1 $1; }\nwithin() { :; }\nown_ports() { :; }\nleads_already() { return 1; }\nlead() { return 1; }\n" +
			functions(t, lima+"apply.sh", "live_ports") + "live_ports || echo said", "port 4 of this host cannot be had: not all are forwarded as they were\nsaid\n", nil, map[string]string{"ssh": ""}, nil},
		{"what is in the VM's directory", "kept='' dry=no pid=''\n" + functions(t, qemu+"destroy.sh") + part(t, qemu+"destroy.sh", "list=$(find", "\nlist=") + "echo removed",
			".: what is in it cannot be told, and nothing was done", map[string]string{"find": "exit 1"}, nil, nil},
		{"groups that do not go", strings.ReplaceAll(part(t, "minimal/generated/tiny/guest/provision.sh", "[ ! -f /var/lib/vmloom/groups ]", "\nshell="), "/var/lib/vmloom", ".") + "echo removed",
			"cannot lock /etc/group", map[string]string{"gpasswd": "echo 'gpasswd: cannot lock /etc/group' >&2; exit 10", "id": "echo dev docker"}, map[string]string{"groups": "docker\n"}, []string{"groups"}},
		{"groups that are gone already", strings.ReplaceAll(part(t, "minimal/generated/tiny/guest/provision.sh", "[ ! -f /var/lib/vmloom/groups ]", "\nshell="), "/var/lib/vmloom", ".") + "[ -e groups ] || echo done",
			"done", map[string]string{"gpasswd": "exit 3", "id": "echo dev"}, map[string]string{"groups": "docker\n"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.tools {
				write(t, filepath.Join(dir, "bin", name), "#!/bin/sh\n"+text+"\n", 0o755)
			}
			for name, text := range c.files {
				write(t, filepath.Join(dir, "at", name), text, 0o644)
			}
			must(t, os.MkdirAll(filepath.Join(dir, "at"), 0o755))
			cmd := exec.Command(tooltest.Need(t, "sh"), "-uc", "PATH=$PWD/../bin:$PATH name=vm state=.\n"+strings.ReplaceAll(c.script, "/proc/self", "/nonexistent"))
			cmd.Dir = filepath.Join(dir, "at")
			out, _ := cmd.CombinedOutput()
			if said := string(out); !strings.Contains(said, c.want) || strings.Contains(said, "removed") {
				t.Errorf("%q is not said:\n%s", c.want, said)
			}
			for _, name := range c.left {
				if _, err := os.Stat(filepath.Join(cmd.Dir, name)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(text), mode))
}

// TestLockOfAnother: a holder that belongs to another user, who may not be asked, lives.
func TestLockOfAnother(t *testing.T) {
	script := functions(t, "full/generated/full/scripts/full-create.sh", "alive", "working") +
		"of=$(ps -ww -o args= -p \"$holder\" | cut -c 1-4)\nworking || echo dead\nholder=999999999; ! working || echo lives\n"
	for _, shell := range []string{"sh", "bash", "dash"} {
		cmd := exec.Command(tooltest.Need(t, shell), "-uc", script)
		cmd.Dir = "/"
		cmd.Env = append(os.Environ(), "holder=1")
		if os.Getuid() == 0 {
			cmd.Env[len(cmd.Env)-1] = "holder=" + strconv.Itoa(os.Getpid())
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", shell, err, out)
		}
	}
}
