package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

const dataProfile = `version: 1
name: box
host: {os: linux}
guest: {system: debian, release: "12", user: {name: dev, uid: 1234, home: /srv/t/dev}}
home: {disk: 1GiB}
disks:
  - {name: data, size: 1GiB, mount: /srv/data}
  - {name: db, size: 1GiB, mount: /srv/d2}
`

// dataCall gives the function of a boot script that finds, formats and mounts a disk, and its call for one.
func dataCall(t *testing.T, script, disk string) string {
	t.Helper()
	function, calls, found := strings.Cut(script, "\nvmloom_disk home ")
	_, call, called := strings.Cut(calls, "\nvmloom_disk 'disk "+disk+"' ")
	call, _, _ = strings.Cut(call, " || true\n")
	if !found || !called {
		t.Fatalf("the script is another one:\n%s", script)
	}
	return function + "\nvmloom_disk 'disk " + disk + "' " + call + "\n"
}

// lists are the disks as Lima lists them.
func lists(names ...string) (env string) {
	for i, name := range names {
		env += " LIMA_CIDATA_DISK_" + string(rune('0'+i)) + "_NAME=" + name
	}
	return env[1:]
}

// TestDataDiskChoice: a data disk is written to by the rules of the home's. While it is not there, its directory takes
// nothing.
func TestDataDiskChoice(t *testing.T) {
	p, script := bootScript(t, dataProfile)
	const mnt = "/srv/data"
	label := p.DiskLabel(p.Disks[0])
	use := func(dev string) string {
		return "growpart /dev/" + dev + " 1|chattr -i " + mnt + "|e2fsck -p /dev/" + dev + "1|mount /dev/" + dev + "1 " + mnt + "|resize2fs /dev/" + dev + "1|"
	}
	format := func(dev string) string {
		return "mkfs.ext4 -q -F -L " + label + " -E root_owner=1234:1234 /dev/" + dev + "1|sfdisk -q --part-label /dev/" + dev + " 1 vmloom-disk-data|" + use(dev)
	}
	const closed = "chattr +i " + mnt + "|"
	all := lists("box-home", "box-data", "box-db")
	three := "vda vdb vdc vdd"
	cases := []diskCase{
		{name: "blank", disks: three, env: all, log: "sfdisk -q --label gpt /dev/vdc|" + format("vdc")},
		{name: "blank in another place", disks: three, env: lists("box-db", "box-home", "box-data"), log: "sfdisk -q --label gpt /dev/vdd|" + format("vdd")},
		{name: "cut off", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-new", log: format("vdc")},
		{name: "formatted", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-data vdc1.LABEL=" + label, log: use("vdc")},
		{name: "Lima's data cannot be read", disks: three + " vdc1", env: "-", attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-data vdc1.LABEL=" + label, log: use("vdc")},
		{name: "blank and Lima's data cannot be read", disks: three, env: "-", log: closed, says: "/dev/vdc: left alone, since Lima's list of disks cannot be read"},
		{name: "not given", disks: "vda vdb", env: lists("box-home"), log: closed, says: "Lima gave this VM no disk box-data"},
		{name: "missing", disks: "vda vdb", env: all, log: closed, says: "the disk box-data is missing"},
		{name: "the other disk", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-db vdc1.LABEL=" + p.DiskLabel(p.Disks[1]),
			log: closed, says: "/dev/vdc1 is not this VM's disk data: left alone"},
		{name: "of another VM", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-data vdc1.LABEL=vmloom-12345678",
			log: closed, says: "/dev/vdc1 is the disk data of another VM, vmloom-12345678: left alone (if it is this one's: e2label /dev/vdc1 " + label + ")"},
		{name: "a home", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-home vdc1.LABEL=" + p.HomeLabel(),
			log: closed, says: "/dev/vdc1 is not this VM's disk data: left alone"},
		{name: "a home of an earlier version", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.TYPE=ext4 vdc1.LABEL=vmloom-home",
			log: closed, says: "/dev/vdc1 is not this VM's disk data: left alone"},
		{name: "somebody's", disks: three, env: all, attr: "rc=8", log: closed, says: "/dev/vdc is neither blank nor this VM's disk data: left alone"},
		{name: "without its file system", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-data",
			log: closed, says: "/dev/vdc1 was this VM's disk data, and has no file system any more: left alone"},
		{name: "with errors", disks: three + " vdc1", env: all, attr: "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=vmloom-disk-data fsck=4 vdc1.LABEL=" + label,
			log: "growpart /dev/vdc 1|chattr -i " + mnt + "|e2fsck -p /dev/vdc1|mount -r /dev/vdc1 " + mnt + "|", says: "e2fsck -f /dev/vdc1, while it is not mounted, asks what to do"},
	}
	for _, shell := range []string{"dash", "bash"} {
		tryDisks(t, dataCall(t, script, "data"), "", p.Disks[0].Notice(), []string{mnt}, cases, shell)
	}
}

// TestDataDiskOwner: where the host alone knows the user's number, Lima tells it.
func TestDataDiskOwner(t *testing.T) {
	p, script := bootScript(t, strings.Replace(dataProfile, "uid: 1234", "uid: host", 1))
	script = dataCall(t, script, "db")
	tryDisks(t, script, "", p.Disks[1].Notice(), []string{"/srv/d2"}, []diskCase{{
		name: "blank", disks: "vda vdb vdc vdd", env: lists("box-home", "box-data", "box-db") + " LIMA_CIDATA_UID=501",
		log: "sfdisk -q --label gpt /dev/vdd|mkfs.ext4 -q -F -L " + p.DiskLabel(p.Disks[1]) + " -E root_owner=501:501 /dev/vdd1|sfdisk -q --part-label /dev/vdd 1 vmloom-disk-db|" +
			"growpart /dev/vdd 1|chattr -i /srv/d2|e2fsck -p /dev/vdd1|mount /dev/vdd1 /srv/d2|resize2fs /dev/vdd1|",
	}}, "dash")
}

// TestDataDiskCloses lets the script close a real directory: what lies in it stays, and is told of.
func TestDataDiskCloses(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root sets the attribute that closes a directory")
	}
	p, script := bootScript(t, dataProfile)
	dir := t.TempDir()
	mnt, notice := filepath.Join(dir, "data"), filepath.Join(dir, "motd.d", p.Disks[0].Partition())
	writeFile(t, filepath.Join(mnt, "mine"), "kept")
	t.Cleanup(func() {
		if out, err := exec.Command("chattr", "-i", mnt).CombinedOutput(); err != nil {
			t.Logf("%v: %s", err, out)
		}
	})
	text := strings.NewReplacer("/srv/data", mnt, "/run/", dir+"/", "/sys/block/vd*", "/none*", "LABEL=cidata", "LABEL=vmloom-none", "sleep 1", ":").Replace(dataCall(t, script, "data"))
	cmd := exec.Command(tooltest.Need(t, "dash"), "-c", text)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("a disk that is missing was mounted:\n%s", out)
	}
	told, _ := os.ReadFile(notice)
	want := "vmloom: THE DISK data IS NOT THERE: " + mnt + " takes nothing until it is\nvmloom: the disk box-data is missing\nvmloom: what lies in " + mnt + " now is on the system's disk, which a rebuild deletes\n"
	if string(told) != want {
		t.Errorf("the notice is %q, want %q\n%s", told, want, out)
	}
	if got, _ := os.ReadFile(filepath.Join(mnt, "mine")); string(got) != "kept" {
		t.Errorf("what lay in the directory is %q", got)
	}
	if attr, _ := exec.Command("lsattr", "-d", mnt).Output(); !strings.Contains(strings.Fields(string(attr) + " -")[0], "i") {
		t.Skipf("SKIPPED: the file system here has no such attribute: %s", attr)
	}
	if err := os.WriteFile(filepath.Join(mnt, "new"), nil, 0o644); err == nil {
		t.Error("the closed directory takes a file")
	}
}

// TestDataDisks: the template, its probes and the scripts name each disk, in one order.
func TestDataDisks(t *testing.T) {
	p, files, err := build([]byte(dataProfile))
	must(t, err)
	if home, data := p.DiskLabel(p.Disks[0]), p.DiskLabel(p.Disks[1]); home == data || home == p.HomeLabel() || len(data) > 16 {
		t.Errorf("labels %s, %s", home, data)
	}
	if long := (profile.Disk{Name: strings.Repeat("x", 24)}).Partition(); len(long) > 36 {
		t.Errorf("%s: too long for a partition", long)
	}
	seen := map[string]string{}
	for _, f := range files {
		seen[f.Path] = string(f.Data)
	}
	for file, wants := range map[string][]string{
		"lima/box.yaml":          {"additionalDisks:\n- name: box-home\n  format: false\n  fsType: ext4\n- name: box-data\n", "/srv/data is on the disk data"},
		"scripts/box-rebuild.sh": {`'.additionalDisks = [{"format":false,"fsType":"ext4","name":"box-home"},{"format":false,"fsType":"ext4","name":"box-data"},{"format":false,"fsType":"ext4","name":"box-db"}]'`},
		"scripts/box.fields":     {"restart\tdisks[data]\t/srv/data\n", "restart\tdisks[data].size\t1GiB\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(seen[file], want) {
				t.Errorf("%s: no %s in\n%s", file, want, seen[file])
			}
		}
	}
}
