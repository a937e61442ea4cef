package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// diskTool stands in for the tools of the boot script. What blkid says about vdb1 is in attr/vdb1.LABEL and so on;
// what changes a disk goes to log, with what it would bring about.
const diskTool = `#!/bin/sh
at() { echo "$AT/attr/${1##*/}.$2"; }
tool=${0##*/}
case $tool in
chattr | mount | sfdisk | mkfs.ext4 | e2label | growpart | e2fsck | resize2fs)
  [ "$*" = "-r LABEL=cidata $AT/run/vmloom-cidata" ] || echo "$tool $*" | sed "s,$AT,,g" >>"$AT/log"
  ;;
esac
for last; do :; done
case $tool in
blkid)
  [ "$BLKID" = 0 ] || exit "$BLKID"
  while [ $# -gt 1 ]; do
    [ "$1" != -s ] || cat "$(at "$last" "$2")" 2>/dev/null
    shift
  done
  [ -n "$(ls "$(at "$last" '')"* 2>/dev/null)" ] || exit 2
  ;;
mount) [ "$*" != "-r LABEL=cidata $AT/run/vmloom-cidata" ] || cp "$AT/lima.env" "$AT/run/vmloom-cidata/" ;;
umount) rm -f "$last/lima.env" ;;
mountpoint) [ "$1" = -d ] && echo 254:1 ;;
readlink) echo ../../block/vda/vda1 ;;
sfdisk)
  case $* in
  *--label*)
    cat >/dev/null
    truncate -s 4M "${last}1"
    echo gpt >"$(at "$last" PTTYPE)"
    echo vmloom-new >"$(at "${last}1" PART_ENTRY_NAME)"
    ;;
  *--part-label*) echo "$5" >"$(at "${3}1" PART_ENTRY_NAME)" ;;
  esac
  ;;
mkfs.ext4) echo "$4" >"$(at "$last" LABEL)" ;;
e2label) echo "$2" >"$(at "$1" LABEL)" ;;
e2fsck) exit "$E2FSCK" ;;
esac
`

// diskCase is what a guest has of disks, and what the boot script does to them: the calls that change one, and what it
// refuses.
type diskCase struct{ name, disks, attr, env, log, says string }

// tryHomeDisk runs the part of a boot script that finds, formats and mounts the home's disk.
func tryHomeDisk(t *testing.T, p *profile.Profile, script string, shell ...string) {
	label, mnt := p.HomeLabel(), p.HomeMount()
	use := func(disk string) string {
		return "growpart /dev/" + disk + " 1|e2fsck -p /dev/" + disk + "1|mount /dev/" + disk + "1 " + mnt + "|resize2fs /dev/" + disk + "1|"
	}
	format := func(disk string) string {
		return "mkfs.ext4 -q -F -L " + label + " /dev/" + disk + "1|sfdisk -q --part-label /dev/" + disk + " 1 vmloom-home|" + use(disk)
	}
	tryDisks(t, script, p.HomeDisk(), profile.HomeNotice, []string{mnt}, []diskCase{
		{name: "blank", disks: "vda vdb", log: "sfdisk -q --label gpt /dev/vdb|" + format("vdb")},
		{name: "Lima's data come first", disks: "vda vdb vdc", attr: "vdb.LABEL=cidata", log: "sfdisk -q --label gpt /dev/vdc|" + format("vdc")},
		{name: "a disk of the user's comes first", disks: "vda vdb vdc", env: "LIMA_CIDATA_DISK_0_NAME=mine LIMA_CIDATA_DISK_1_NAME=" + p.HomeDisk(), log: "sfdisk -q --label gpt /dev/vdc|" + format("vdc")},
		{name: "another disk alone", disks: "vda vdb", env: "LIMA_CIDATA_DISK_0_NAME=mine", says: "Lima gave this VM no disk " + p.HomeDisk()},
		{name: "none", disks: "vda", says: "the disk " + p.HomeDisk() + " is missing"},
		{name: "Lima's data cannot be read", disks: "vda vdb", env: "-", says: "/dev/vdb: left alone, since Lima's list of disks cannot be read"},
		{name: "cut off", disks: "vda vdb vdb1", attr: "vdb.PTTYPE=gpt vdb1.PART_ENTRY_NAME=vmloom-new", log: format("vdb")},
		{name: "the home", disks: "vda vdb vdb1", attr: "vdb.PTTYPE=gpt vdb1.PART_ENTRY_NAME=vmloom-home vdb1.LABEL=" + label, log: use("vdb")},
		{name: "the home of an earlier version", disks: "vda vdb vdb1", attr: "vdb.PTTYPE=gpt vdb1.TYPE=ext4 vdb1.LABEL=vmloom-home",
			log: "sfdisk -q --part-label /dev/vdb 1 vmloom-home|e2label /dev/vdb1 " + label + "|" + use("vdb")},
		{name: "two of an earlier version", disks: "vda vdb vdb1 vdc vdc1", attr: "vdb.PTTYPE=gpt vdb1.LABEL=vmloom-home vdb1.TYPE=ext4 vdc.PTTYPE=gpt vdc1.TYPE=ext4 vdc1.LABEL=vmloom-home",
			env: "LIMA_CIDATA_DISK_1_NAME=" + p.HomeDisk(), log: "sfdisk -q --part-label /dev/vdc 1 vmloom-home|e2label /dev/vdc1 " + label + "|" + use("vdc")},
		{name: "a partition without a signature", disks: "vda vdb vdb1", attr: "vdb.PTTYPE=gpt", says: "/dev/vdb1 is not this VM's home: left alone"},
		{name: "too many signs", disks: "vda vdb", attr: "rc=8", says: "/dev/vdb is neither blank nor this VM's home: left alone"},
		{name: "the home with errors", disks: "vda vdb vdb1", attr: "vdb.PTTYPE=gpt vdb1.PART_ENTRY_NAME=vmloom-home fsck=4 vdb1.LABEL=" + label,
			log: "growpart /dev/vdb 1|e2fsck -p /dev/vdb1|mount -r /dev/vdb1 " + mnt + "|", says: "e2fsck -f /dev/vdb1, while it is not mounted, asks what to do"},
	}, shell...)
}

// tryDisks runs a boot script, or a part of it, without a disk. A disk named first is what Lima gives where a case says
// nothing else, and the notice is the one that is looked at.
func tryDisks(t *testing.T, script, first, notice string, mounts []string, cases []diskCase, shell ...string) {
	for _, c := range cases {
		t.Run(shell[0]+" "+c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, d := range strings.Fields(c.disks) {
				writeFile(t, filepath.Join(dir, "dev", d), strings.Repeat("\x00", 4<<20))
				writeFile(t, filepath.Join(dir, "sys/class/block", d, "size"), "8192\n")
				if len(d) == len("vda") {
					must(t, os.MkdirAll(filepath.Join(dir, "sys/block", d), 0o755))
				}
			}
			blkid, fsck := "0", "0"
			for _, a := range strings.Fields(c.attr) {
				switch name, value, _ := strings.Cut(a, "="); name {
				case "rc":
					blkid = value
				case "fsck":
					fsck = value
				default:
					writeFile(t, filepath.Join(dir, "attr", name), value+"\n")
				}
			}
			must(t, os.MkdirAll(filepath.Join(dir, "attr"), 0o755))
			if c.env == "" {
				c.env = "LIMA_CIDATA_DISK_0_NAME=" + first
			}
			if c.env != "-" {
				writeFile(t, filepath.Join(dir, "lima.env"), strings.ReplaceAll(c.env, " ", "\n")+"\n")
			}
			for _, tool := range []string{"blkid", "blockdev", "chattr", "e2fsck", "e2label", "growpart", "mkfs.ext4", "mount", "mountpoint", "readlink", "resize2fs", "sfdisk", "sleep", "udevadm", "umount"} {
				writeFile(t, filepath.Join(dir, "bin", tool), diskTool)
				must(t, os.Chmod(filepath.Join(dir, "bin", tool), 0o755))
			}
			moved := []string{"/dev/null", "/dev/null", "/dev/zero", "/dev/zero", "/dev/", dir + "/dev/", "/sys/", dir + "/sys/", "/run/", dir + "/run/", " -b ", " -e "}
			for _, mnt := range mounts {
				moved = append(moved, mnt, dir+mnt)
			}
			text := strings.NewReplacer(moved...).Replace(script)
			cmd := exec.Command(tooltest.Need(t, shell[0]), append(shell[1:], "-c", text)...)
			cmd.Env = append(os.Environ(), "AT="+dir, "BLKID="+blkid, "E2FSCK="+fsck, "PATH="+dir+"/bin:"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.says == "") {
				t.Errorf("%v\n%s", err, out)
			}
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			if got := strings.ReplaceAll(string(log), "\n", "|"); got != c.log {
				t.Errorf("%s\n got %s\nwant %s", out, got, c.log)
			}
			told, _ := os.ReadFile(filepath.Join(dir, notice))
			reason := strings.ReplaceAll(string(told), dir, "")
			if c.says == "" && reason != "" || c.says != "" && !strings.HasSuffix(reason, "\nvmloom: "+c.says+"\n") {
				t.Errorf("the notice is %q, want %q", reason, c.says)
			}
		})
	}
}

const diskProfile = `version: 1
name: box
host: {os: linux}
guest: {system: debian, release: "12", user: {name: dev, home: /srv/t/dev}}
home: {disk: 1GiB}
`

// bootScript is what Lima runs in the guest at each boot, before anything of the user's starts.
func bootScript(t *testing.T, src string) (*profile.Profile, string) {
	t.Helper()
	p, files, err := build([]byte(src))
	must(t, err)
	for _, f := range files {
		var doc struct {
			Provision []struct{ Mode, Script string }
		}
		if filepath.Dir(f.Path) != "lima" {
			continue
		}
		must(t, yaml.Unmarshal(f.Data, &doc))
		for _, s := range doc.Provision {
			if s.Mode == "boot" {
				return p, s.Script
			}
		}
	}
	t.Fatal("the template has no boot script")
	return nil, ""
}

// TestHomeDiskChoice holds the boot script of Ubuntu and Debian, without a disk, to the one that it may write to.
func TestHomeDiskChoice(t *testing.T) {
	p, script := bootScript(t, diskProfile)
	script, _, found := strings.Cut(script, "\nvmloom_home || true\n")
	if !found {
		t.Fatal("the script is another one")
	}
	for _, shell := range []string{"dash", "bash"} {
		tryHomeDisk(t, p, script+"\nvmloom_home\n", shell)
	}
}
