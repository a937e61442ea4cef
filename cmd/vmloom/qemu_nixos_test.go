package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// nixGolden is a recording of testdata/nixunits with the profile that it was made of.
type nixGolden struct {
	name, profile string
	boots         []nixBoot
}

// nixBoot is one boot of what NixOS evaluates to, with a disk at the home's place, and what differs of the good case.
type nixBoot struct {
	name string
	// disk fills an empty one of 12 MiB with diskTools; "-" is none, "=" the one of the boot before.
	disk string
	want map[string]string
	kept bool // not a byte of the disk may change
	late bool // Lima's data come when the boot is over
	next bool // a switch to another generation follows
}

var nixGoldens = []nixGolden{
	{"atelier", "testdata/golden/nixos-own/vmloom.yaml", []nixBoot{
		{name: "blank", next: true, want: map[string]string{"kept": lost}},
		{name: "foreign", disk: "part data; fs data", kept: true, want: noHome("/dev/vdc1 is not this VM's home: left alone")},
		{name: "of another VM", disk: "part vmloom-home; fs vmloom-12345678", kept: true, want: noHome("/dev/vdc1 is the home of another VM, vmloom-12345678: left alone (if it is this one's: e2label /dev/vdc1 {label})")},
		{name: "used, and grown since", disk: "part vmloom-home; fs {label}; truncate -s 16M $disk", want: map[string]string{"home": "{label} vmloom-home 14M", "kept": "kept"}},
		{name: "missing", disk: "-", want: noHome("the disk {disk} is missing")},
	}},
	{"ascalon", "examples/ascalon-nixos/vmloom.yaml", []nixBoot{
		{name: "blank", want: map[string]string{"kept": lost}},
		{name: "used", disk: "="},
		{name: "whole", disk: "whole somebody", kept: true, want: noHome("/dev/vdc is neither blank nor this VM's home: left alone")},
	}},
	{"lab", "testdata/golden/nixos-linux/vmloom.yaml", []nixBoot{{name: "shares", next: true}}},
	{"team", "testdata/golden/shared-nixos/vmloom.yaml", []nixBoot{
		{name: "blank", want: map[string]string{"kept": lost}},
		{name: "late", disk: "=", late: true, want: map[string]string{
			"failed": "{failed} vmloom-uid.service", "init": "inactive inactive", "boot-done": "cat: /run/lima-boot-done: No such file or directory",
			"order of Lima": "lima-init.service is up before vmloom-home.service",
		}},
	}},
}

const lost = "cat: {mount}/keep: No such file or directory"

// noHome is what differs where the disk is not the home's: the boot and each login go on, and say so.
func noHome(reason string) map[string]string {
	return map[string]string{
		"home":   "on the system's disk",
		"kept":   lost,
		"notice": "THIS HOME IS TEMPORARY: it is not on its own disk, and the next rebuild deletes what you put here " + reason,
		"failed": "{failed} vmloom-home-disk.service",
		"login":  "vmloom: THIS HOME IS TEMPORARY: it is not on its own disk, and the next rebuild deletes what you put here vmloom: " + reason + " {home} root",
	}
}

// TestNixOSUnits boots what NixOS makes of our modules, as recorded in testdata/nixunits, on the systemd of a Debian.
func TestNixOSUnits(t *testing.T) {
	tooltest.Whole(t, "boots for half an hour where there is no KVM")
	tooltest.Need(t, "genisoimage")
	image := vmImage(t)
	v := newVM(t, "units", `version: 1
name: units
host: {os: linux}
guest: {system: guix, user: {name: tester, uid: 3000}}
resources: {cpus: 2, memory: 512MiB, disk: 2GiB}
mounts: [{host: $DIR/share, guest: /mnt/work, writable: true}]
`)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	must(t, os.CopyFS(filepath.Join(dir, "share"), os.DirFS("../../testdata/nixunits")))
	v.env = append(v.env, "IMAGE="+image)
	defer v.try("destroy", "--yes", "--purge-home")
	for _, golden := range nixGoldens {
		n := newNixVM(t, v, golden)
		v.do("create") // where the last boot has stopped it
		v.do("ssh", "sudo", "bash", "/mnt/work/install.sh", "/mnt/work/"+golden.name)
		for _, boot := range golden.boots {
			if !t.Run(golden.name+" "+boot.name, func(t *testing.T) { n.t, v.t = t, t; n.boot(boot) }) {
				return
			}
		}
		v.t = t
	}
}

// nixVM is a Debian that has the units of a recording.
type nixVM struct {
	*vm
	recording    string
	p            *profile.Profile
	cidata, disk string
	mounts       string   // of Lima's data
	uid          int      // of the account, as Lima's data say it
	shares       []string // words of QEMU
}

func newNixVM(t *testing.T, v *vm, golden nixGolden) *nixVM {
	t.Helper()
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	data, err := os.ReadFile(filepath.Join("../..", golden.profile))
	must(t, err)
	p, err := profile.Load("vmloom.yaml", data)
	must(t, err)
	n := &nixVM{vm: v, recording: golden.name, p: p, cidata: filepath.Join(dir, "cidata.iso"), disk: filepath.Join(dir, "home.img")}
	for _, m := range n.limaMounts() {
		n.mounts += fmt.Sprintf("- [%s, %s, %s, %q, \"0\", \"0\"]\n", m.tag, m.dir, m.kind, m.options)
		if m.kind == "9p" {
			share := filepath.Join(dir, m.tag)
			writeFile(t, filepath.Join(share, "file"), "of the host\n")
			n.shares = append(n.shares, "-virtfs", "local,mount_tag="+m.tag+",path="+share+",security_model=none")
		}
	}
	if n.uid = int(p.Guest.User.UID); p.Guest.User.UID.OfHost() {
		n.uid = 4321
	}
	return n
}

// makeCidata writes what Lima gives a VM, as its pkg/cidata does.
func (n *nixVM) makeCidata(label string) {
	u, dir := n.p.Guest.User, filepath.Join(filepath.Dir(n.cidata), "cidata."+n.p.Name)
	for name, text := range map[string]string{
		"lima.env": fmt.Sprintf("LIMA_CIDATA_IID=iid-%s\nLIMA_CIDATA_USER=%s\nLIMA_CIDATA_UID=%d\nLIMA_CIDATA_HOME=%s\nLIMA_CIDATA_DISKS=1\nLIMA_CIDATA_DISK_0_NAME=%s\n",
			n.p.Name, u.Name, n.uid, u.Home, n.p.HomeDisk()),
		"param.env": "", "etc_environment": "", "meta-data": "instance-id: iid-" + n.p.Name + "\n",
		"lima-guestagent": "#!/bin/sh\nexec sleep infinity\n",
		"user-data":       "#cloud-config\n\nmounts:\n" + n.mounts + "\nusers:\n  - name: \"" + u.Name + "\"\n    ssh-authorized-keys:\n      - \"ssh-ed25519 AAAA lima\"\n",
	} {
		writeFile(n.t, filepath.Join(dir, name), text)
	}
	must(n.t, os.Chmod(filepath.Join(dir, "lima-guestagent"), 0o755))
	runHost(n.t, "genisoimage", "-quiet", "-R", "-V", label, "-o", n.cidata, dir)
}

// A limaMount is one that the recorded fstab has.
type limaMount struct{ tag, dir, kind, options string }

func (n *nixVM) limaMounts() (out []limaMount) {
	for line := range strings.Lines(n.recorded("fstab")) {
		f := strings.Fields(line)
		if len(f) > 3 && (f[2] == "9p" || f[2] == "virtiofs") {
			out = append(out, limaMount{f[0], f[1], f[2], f[3]})
		}
	}
	return out
}

func (n *nixVM) recorded(file string) string {
	data, err := os.ReadFile(filepath.Join("../../testdata/nixunits", n.recording, file))
	must(n.t, err)
	return string(data)
}

// boot stops the VM, lays its disk, starts it and compares what it says with what the boot wants.
func (n *nixVM) boot(b nixBoot) {
	t := n.t
	n.do("stop")
	files, label, number := []string{n.cidata, n.disk}, "cidata", n.uid
	if b.late {
		n.uid++
		files, label = []string{n.disk, n.cidata}, "elsewhere"
	}
	n.makeCidata(label)
	switch fill, same := strings.CutPrefix(b.disk, "="); {
	case b.disk == "-" || n.p.Home.Disk == 0:
		files = files[:1]
	case same:
		runHost(t, "sh", "-c", diskTools+strings.TrimPrefix(fill, "; "), "sh", n.disk)
	default:
		blank(t, n.disk, 12<<20)
		runHost(t, "sh", "-c", diskTools+strings.ReplaceAll(b.disk, "{label}", n.p.HomeLabel()), "sh", n.disk)
	}
	before := n.sum()
	n.attach(files, n.shares...)
	n.do("create")
	out, _ := n.do("ssh", "sudo", "bash", "/mnt/work/look.sh", "/mnt/work/"+n.recording, n.p.HomeMount())
	want := n.good()
	want["number"] = fmt.Sprint(number)
	maps.Copy(want, b.want)
	n.compare(out, want)
	if b.next {
		n.next()
	}
	if b.late {
		n.come()
	}
	if t.Failed() {
		said, _, _ := n.try("ssh", "sudo", "journalctl", "-b", "-o", "short-monotonic", "--no-pager", "-n", "300")
		t.Log(said)
	}
	if b.want["kept"] == lost && b.want["home"] == "" { // for the boot that follows
		n.do("ssh", "sudo", "sh", "-c", "echo yes >"+n.p.HomeMount()+"/keep")
	}
	if b.kept {
		n.do("stop")
		if n.sum() != before {
			t.Error("the disk is another one now")
		}
	}
}

// compare holds lines of "key: value" to those that are wanted.
func (n *nixVM) compare(out string, want map[string]string) {
	n.t.Helper()
	names := strings.NewReplacer("{label}", n.p.HomeLabel(), "{mount}", n.p.HomeMount(), "{home}", n.p.Guest.User.Home,
		"{disk}", n.p.HomeDisk(), "{failed}", n.good()["failed"])
	got := map[string]string{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		got[key] = strings.TrimSpace(value)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if want := names.Replace(want[key]); got[key] != want {
			n.t.Errorf("%s:\n got %q\nwant %q", key, got[key], want)
		}
		delete(got, key)
	}
	if len(got) > 0 {
		n.t.Errorf("more: %q", got)
	}
}

// next switches to another generation, which takes one share out and nothing else away.
func (n *nixVM) next() {
	out, _ := n.do("ssh", "sudo", "bash", "/mnt/work/switch.sh", "/mnt/work/"+n.recording)
	mounts := n.limaMounts()
	gone := mounts[len(mounts)-1]
	want := map[string]string{
		"stopped": "vmloom-mounts.service vmloom-old.service " + unitOf(gone.dir), "other mounts": "", "an open file": "written",
		"of units": "active inactive active active", "of systemd": "",
	}
	if gone.kind == "9p" {
		want["other mounts"] = gone.dir
	}
	n.compare(out, want)
}

// come has Lima's data come: their volume's name is in its 17th block.
func (n *nixVM) come() {
	out, _ := n.do("ssh", "sudo", "sh", "-c", `disk=$(blkid -L elsewhere) && printf 'cidata   ' | dd of=$disk bs=1 seek=32808 conv=notrunc 2>/dev/null &&
		udevadm trigger --settle --name-match=$disk && systemctl start lima-init.service lima-guestagent.service && runuser -l `+n.p.Guest.User.Name+` -c "id -u; ls -nd ~ | cut -d' ' -f3; systemctl is-active lima-init vmloom-uid"`)
	if want := fmt.Sprintf("%d\n%d\nactive\nactive", n.uid, n.uid); strings.TrimSpace(out) != want {
		n.t.Errorf("after Lima's data have come:\n got %q\nwant %q", out, want)
	}
}

// unitOf is the unit of a mount.
func unitOf(dir string) string {
	return strings.NewReplacer("/", "-", "-", `\x2d`).Replace(dir[1:]) + ".mount"
}

// good is what a boot says where all is well.
func (n *nixVM) good() map[string]string {
	u := n.p.Guest.User
	good := map[string]string{
		"home": "{label} vmloom-home 10M", "kept": "yes", "notice": "", "directory": "700 " + u.Name + " users",
		"failed": "", "jobs": "", "ordering cycles": "0", "twice in fstab": "", "of the generator": "",
		"order": "", "order of the home": "", "order of Lima": "", "order of the user": "",
		"init": "active active", "boot-done": "iid-" + n.p.Name, "lima's key": "ssh-ed25519 AAAA lima",
		"login": "{home} root", "key": u.Name,
		"forwards": "clientaliveinterval 15 permitrootlogin no passwordauthentication no streamlocalbindunlink yes",
	}
	if n.p.Home.Disk == 0 {
		good["home"], good["kept"] = "on the system's disk", lost
		for _, order := range []string{"home", "Lima", "user"} {
			delete(good, "order of the "+order)
			delete(good, "order of "+order)
		}
	}
	for line := range strings.Lines(n.recorded("tmpfiles.conf")) {
		good["directory "+strings.Trim(strings.Fields(line)[1], "'")] = "700 " + u.Name + " users"
	}
	var failed []string
	for _, m := range n.limaMounts() {
		good["share "+m.dir] = "of the host"
		if m.kind == "virtiofs" { // there is no virtiofsd
			good["share "+m.dir] = "mkdir: cannot create directory '" + m.dir + "/lost': Operation not permitted"
			failed = append(failed, unitOf(m.dir))
		}
	}
	slices.Sort(failed)
	good["failed"] = strings.Join(failed, " ")
	return good
}

// sum is that of the disk.
func (n *nixVM) sum() [sha256.Size]byte {
	data, err := os.ReadFile(n.disk)
	if err != nil && !os.IsNotExist(err) {
		n.t.Fatal(err)
	}
	return sha256.Sum256(data)
}
