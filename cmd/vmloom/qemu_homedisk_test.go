package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

const diskProfile = `version: 1
name: box
host: {os: linux}
guest: {system: debian, release: "12", user: {name: dev, home: /srv/t/dev}}
home: {disk: 1GiB}
`

// bootScript is what Lima runs in the guest at each boot, before anything of the user's starts.
func bootScript(t *testing.T, src string) (*profile.Profile, string) {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte(src))
	must(t, err)
	files, err := generate.Files(p, nil)
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

// homeCase is a disk at the place of the home's, and what the boot script does with it. {dev}, {label} stand for
// the guest's name of the disk and the label of this VM's home.
type homeCase struct {
	name string
	// make fills an empty disk of 12 MiB, with the tools of the host.
	make string
	// env is what Lima says of the disks; here it is the name of the disk, another one, or nothing at all.
	env  string
	want string
	kept bool // not a byte of the disk may change
}

// A disk is $1; part NAME TABLE makes a partition, fs LABEL a file system with a file in it, junk MIB some data.
const diskTools = `set -eu
disk=$1
part() { echo "type=${3:-linux}${1:+, name=$1}" | sfdisk -q --label "${2:-gpt}" "$disk"; }
fs() { # LABEL [KIB]
  rm -rf "$disk.d" && mkdir "$disk.d" "$disk.d/sub" && echo kept >"$disk.d/keep" && echo x >"$disk.d/sub/file"
  mke2fs -q -F -t ext4 -d "$disk.d" -L "$1" -E offset=1048576 "$disk" "${2:-9216}k"
}
whole() { mke2fs -q -F -t ext4 -L "$1" "$disk"; }
junk() { echo "somebody's" | dd of="$disk" bs=1M seek="$1" conv=notrunc 2>/dev/null; }
wrong() { debugfs -w -R "$1" "$disk?offset=1048576" 2>/dev/null && debugfs -w -R 'ssv state 0' "$disk?offset=1048576" 2>/dev/null; }
`

var homeCases = []homeCase{
	{name: "blank", want: "mounted {dev}1 {label} vmloom-home rw 10M"},
	{name: "cut off before the file system", make: "part vmloom-new; junk 1", want: "mounted {dev}1 {label} vmloom-home rw 10M"},
	{name: "cut off after the file system", make: "part vmloom-new; fs {label}", want: "mounted {dev}1 {label} vmloom-home rw 10M"},
	{name: "the home", make: "part vmloom-home; fs {label}", want: "mounted {dev}1 {label} vmloom-home rw 10M kept"},
	{name: "the home on a disk that has grown", make: "truncate -s 8M $disk; part vmloom-home; fs {label} 6144; truncate -s 12M $disk", want: "mounted {dev}1 {label} vmloom-home rw 10M kept"},
	{name: "the home, and Lima's data cannot be read", env: "-", make: "part vmloom-home; fs {label}", want: "mounted {dev}1 {label} vmloom-home rw 10M kept"},
	{name: "the home of an earlier version", make: "part ''; fs vmloom-home", want: "mounted {dev}1 {label} vmloom-home rw 10M kept"},
	{name: "cut off while it was taken over", make: "part vmloom-home; fs vmloom-home", want: "mounted {dev}1 {label} vmloom-home rw 10M kept"},
	{name: "the home with errors", make: "part vmloom-home; fs {label}; wrong 'clri /sub'", want: "mounted {dev}1 {label} vmloom-home ro 9M kept: THIS HOME IS READ-ONLY: its file system has errors that e2fsck does not mend unasked"},
	{name: "the home in pieces", make: "part vmloom-home; fs {label}; wrong 'sif <2> mode 0100644'", want: "{dev}1: has errors, and could not be mounted"},

	{name: "blank, and Lima's data cannot be read", env: "-", want: "{dev}: left alone, since Lima's list of disks cannot be read", kept: true},
	{name: "blank, and not given by Lima", env: "other", want: "Lima gave this VM no disk box-home", kept: true},
	{name: "another VM's home", make: "part vmloom-home; fs vmloom-12345678", want: "{dev}1 is the home of another VM, vmloom-12345678: left alone (if it is this one's: e2label {dev}1 {label})", kept: true},
	{name: "the home without its file system", make: "part vmloom-home; junk 2", want: "{dev}1 was this VM's home, and has no file system any more: left alone", kept: true},
	{name: "an earlier version's label in a table that it never made", make: "part '' dos 83; fs vmloom-home", want: "{dev}1 is not this VM's home: left alone", kept: true},
	{name: "an earlier version's home, and Lima's data cannot be read", env: "-", make: "part ''; fs vmloom-home", want: "{dev}1 is not this VM's home: left alone", kept: true},
	{name: "a label of ours without a partition", make: "whole {label}", want: "{dev} is neither blank nor this VM's home: left alone", kept: true},
	{name: "somebody's file system", make: "part data; fs data", want: "{dev}1 is not this VM's home: left alone", kept: true},
	{name: "somebody's boot loader", make: "part '' gpt 21686148-6449-6E6F-744E-656564454649; junk 1", want: "{dev}1 is not this VM's home: left alone", kept: true},
	{name: "somebody's raw partition", make: "part '' dos da; junk 1", want: "{dev}1 is not this VM's home: left alone", kept: true},
	{name: "somebody's raw data at the beginning", make: "junk 0", want: "{dev} is neither blank nor this VM's home: left alone", kept: true},
	{name: "somebody's raw data at the end", make: "junk 11", want: "{dev} is neither blank nor this VM's home: left alone", kept: true},
	{name: "somebody's second partition", make: `echo "${disk}2 : start=4096, type=linux" | sfdisk -q --label gpt $disk`, want: "{dev} is neither blank nor this VM's home: left alone", kept: true},
}

// driveCases puts each disk to the place of the home's and runs the boot script in the guest, twice where it
// mounts it, and says what came of it. A guest with as many disks as cases would take minutes to boot.
const driveCases = `#!/bin/bash
PATH=$PATH:/usr/sbin:/sbin dev=/dev/vdc
mkdir -p /tmp/env
i=0
while IFS='|' read -r name env; do
  dd if="/mnt/work/disk$i.img" of=$dev bs=1M 2>/dev/null
  blockdev --rereadpt $dev
  udevadm settle
  before=$(sha256sum $dev)
  e2label /dev/vdb cidata
  mount /dev/vdb /tmp/env
  printf 'LIMA_CIDATA_DISKS=1\nLIMA_CIDATA_DISK_0_NAME=%s\n' "$env" >/tmp/env/lima.env
  umount /tmp/env
  [ "$env" != - ] || e2label /dev/vdb elsewhere
  udevadm settle
  # Lima's data that cannot be read are a disk like others, and the home's is the second one then.
  [ "$env" != - ] || sed -i "s/order=0 known/order=1 known/" /mnt/work/boot.sh
  for shell in dash 'bash -e'; do
    $shell /mnt/work/boot.sh >/tmp/said 2>&1 </dev/null
    if mountpoint -q /srv/t; then
      part=$(findmnt -n -o SOURCE /srv/t)
      out="mounted $part $(blkid -p -o value -s LABEL "$part") $(blkid -p -o value -s PART_ENTRY_NAME "$part") $(findmnt -n -o OPTIONS /srv/t | cut -c-2) $(dumpe2fs -h "$part" 2>/dev/null | awk '/^Block count:/ { n = $3 } /^Block size:/ { print int(n * $3 / 1048576) "M" }')"
      [ ! -e /srv/t/keep ] || out="$out $(cat /srv/t/keep)"
      [ ! -e /run/motd.d/vmloom-home ] || out="$out: $(sed -n '1s/^vmloom: //p' /run/motd.d/vmloom-home)"
      umount /srv/t
    elif sed -n 1p /run/motd.d/vmloom-home | grep -q TEMPORARY; then
      out=$(sed -n '2s/^vmloom: //p' /run/motd.d/vmloom-home)
    else
      out="silent: $(tail -n 3 /tmp/said)"
    fi
    udevadm settle
    [ "$before" = "$(sha256sum $dev)" ] && out="$out|untouched"
    echo "$name|$out"
    [ "$out" = "${out#mounted}" ] && break # what was refused is refused again
  done
  sed -i "s/order=1 known/order=0 known/" /mnt/work/boot.sh
  i=$((i + 1))
done </mnt/work/cases
`

// TestHomeDisks lets the boot script of Ubuntu and Debian loose on real disks: what is not this VM's home is left
// as it is, to the byte, and the home is formatted, taken over, grown and mounted.
func TestHomeDisks(t *testing.T) {
	tooltest.Dear(t)
	homeCases := homeCases
	if !tooltest.Full() {
		homeCases = every(3, homeCases)
		t.Logf("SAMPLE: %d of the cases; VMLOOM_FULL=1 tries each", len(homeCases))
	}
	image := vmImage(t)
	p, script := bootScript(t, diskProfile)
	v := newVM(t, "disks", `version: 1
name: disks
host: {os: linux}
guest: {system: guix, user: {name: dev}}
resources: {cpus: 2, memory: 512MiB, disk: 2GiB}
mounts: [{host: $DIR/share, guest: /mnt/work, writable: true}]
`)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	share := filepath.Join(dir, "share")
	must(t, os.Mkdir(share, 0o755))
	must(t, os.WriteFile(filepath.Join(share, "boot.sh"), []byte(script), 0o755))
	must(t, os.WriteFile(filepath.Join(share, "drive.sh"), []byte(driveCases), 0o755))
	cases := ""
	for i, c := range homeCases {
		makeDisk(t, filepath.Join(share, fmt.Sprint("disk", i, ".img")), strings.ReplaceAll(c.make, "{label}", p.HomeLabel()))
		env := c.env
		if env == "" {
			env = p.HomeDisk()
		}
		cases += c.name + "|" + env + "\n"
	}
	must(t, os.WriteFile(filepath.Join(share, "cases"), []byte(cases), 0o644))
	cidata := filepath.Join(dir, "cidata")
	blank(t, cidata, 4<<20)
	runHost(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "cidata", cidata)
	disks := []string{cidata, filepath.Join(dir, "home"), filepath.Join(dir, "data")}
	for _, disk := range disks[1:] {
		blank(t, disk, 12<<20)
	}
	v.attach(disks)
	v.env = append(v.env, "IMAGE="+image, "TIMEOUT=900")
	defer v.try("destroy", "--yes", "--purge-home")
	v.do("create")
	out := v.drive("/mnt/work/drive.sh")
	for _, c := range homeCases {
		t.Run(c.name, func(t *testing.T) {
			want := strings.NewReplacer("{dev}", "/dev/vdc", "{label}", p.HomeLabel()).Replace(c.want) + "\n"
			if c.kept {
				want = strings.TrimSuffix(want, "\n") + "|untouched\n"
			}
			if strings.HasPrefix(c.want, "mounted") {
				want += want // by dash, and once more by bash -e
			}
			if got := linesOf(out, c.name); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
	tryDataDisks(t, v, share)
}

// makeDisk has the tools of the host make a disk of 12 MiB.
func makeDisk(t *testing.T, disk, commands string) {
	t.Helper()
	blank(t, disk, 12<<20)
	runHost(t, "sh", "-c", diskTools+commands, "sh", disk)
}

// drive has root of the guest run a script of bash's.
func (v *vm) drive(script string) string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Minute) // of a busy machine, by emulation
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", filepath.Join(v.scripts, v.name+"-ssh.sh"), "sudo", "bash", script)
	cmd.Env = v.env
	began := time.Now()
	out, err := cmd.Output()
	if err != nil {
		v.t.Fatalf("%v\n%s", err, out)
	}
	v.t.Logf("%s: %.1f s", filepath.Base(script), time.Since(began).Seconds())
	return string(out)
}

// linesOf are the lines of a case, without its name.
func linesOf(out, name string) (lines string) {
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(line, name+"|"); ok {
			lines += rest
		}
	}
	return lines
}

// attach gives the VM further disks, after its own, from its next start on, and other words for QEMU.
func (v *vm) attach(files []string, words ...string) {
	v.t.Helper()
	real, err := exec.LookPath("qemu-system-x86_64")
	must(v.t, err)
	args := ""
	for i, file := range files {
		args += fmt.Sprintf(" -drive if=none,id=d%d,format=raw,file=%s -device virtio-blk-pci,drive=d%d,addr=0x%x", i, file, i, 0x10+i)
	}
	for _, word := range words {
		args += " " + word
	}
	bin := filepath.Join(filepath.Dir(filepath.Dir(v.state)), "bin")
	writeFile(v.t, filepath.Join(bin, "qemu-system-x86_64"), "#!/bin/sh\ncase \" $* \" in *' -pidfile '*) set -- \"$@\""+args+" ;; esac\nexec "+real+" \"$@\"\n")
	must(v.t, os.Chmod(filepath.Join(bin, "qemu-system-x86_64"), 0o755))
	v.env = append(v.env, "PATH="+bin+":"+os.Getenv("PATH"))
}

func blank(t *testing.T, path string, size int64) {
	t.Helper()
	must(t, os.WriteFile(path, nil, 0o644))
	must(t, os.Truncate(path, size))
}

func runHost(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// every takes one of n, the first and on.
func every[T any](n int, all []T) (out []T) {
	for i := 0; i < len(all); i += n {
		out = append(out, all[i])
	}
	return out
}
