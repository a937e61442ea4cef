package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dataProfile is diskProfile's VM with a disk beside the home's.
const dataProfile = `version: 1
name: box
host: {os: linux}
guest: {system: debian, release: "12", user: {name: dev, uid: 1234, home: /srv/t/dev}}
home: {disk: 1GiB}
disks: [{name: data, size: 1GiB, mount: /srv/data}]
`

// dataImages are disks by the tools of the host, as homeCase.make; {data} stands for the label of this VM's.
var dataImages = map[string]string{
	"foreign": "whole theirs; junk 11",
	"grown":   "truncate -s 8M $disk; part vmloom-disk-data; fs {data} 6144; truncate -s 12M $disk",
}

// dataStep is a boot of the VM with the home's disk and another, after the boots before it.
type dataStep struct {
	name, shell   string
	list          string // what Lima says of the disks, in their order
	before, after string // in the guest: before the boot script, and while all is mounted
	// Of each mount: partition, label, the partition's name, rw or ro, the root's owner, size and what lies in it; or why it is closed.
	home, data string
	kept       string // not a byte of this disk may change
}

const (
	ofHome = " {home} vmloom-home rw 0:0 10M"
	ofData = " {data} vmloom-disk-data rw "
)

// The boots are few, since each disk costs an emulated guest seconds. The home stays mounted after the second.
var dataSteps = []dataStep{
	{name: "blank disks", shell: "dash", list: "box-home box-data", before: "dd if=/dev/zero of=/dev/vdc bs=1M 2>/dev/null; blockdev --rereadpt /dev/vdc",
		after: "as_user 'echo kept >/srv/data/keep'; chown 4321:4321 /srv/data; echo kept >/srv/t/keep; umount /srv/t",
		home:  "/dev/vdc1" + ofHome, data: "/dev/vdd1" + ofData + "1234:1234 10M"},
	{name: "the second boot, with the disks in another order", shell: "bash -e", list: "box-data box-home", before: "unplug vdc vdd; plug",
		home: "/dev/vdd1" + ofHome + " kept", data: "/dev/vdc1" + ofData + "4321:4321 10M kept"},
	{name: "the home's disk where Lima's list has the other", shell: "dash", list: "box-home box-data",
		home: "/dev/vdd1" + ofHome + " kept", data: "closed: /dev/vdd1 is not this VM's disk data: left alone"},
	{name: "the disk is missing", shell: "bash -e", list: "box-home box-data", before: "unplug vdc",
		home: "/dev/vdd1" + ofHome + " kept", data: "closed: the disk box-data is missing"},
	{name: "somebody's disk in its place", shell: "dash", list: "box-data box-home", before: "plug; put foreign vdc",
		home: "/dev/vdd1" + ofHome + " kept", data: "closed: /dev/vdc is neither blank nor this VM's disk data: left alone", kept: "vdc"},
	{name: "the disk is there again, and has grown", shell: "bash -e", list: "box-data box-home", before: "put grown vdc",
		home: "/dev/vdd1" + ofHome + " kept", data: "/dev/vdc1" + ofData + "0:0 10M kept"},
}

// driveData boots the guest's disks step by step, as far as the boot script sees, and says what came of each.
const driveData = `#!/bin/bash
PATH=$PATH:/usr/sbin:/sbin work=/mnt/work driver=/sys/bus/virtio/drivers/virtio_blk
put() { dd if="$work/$1.img" of="/dev/$2" bs=1M 2>/dev/null && blockdev --rereadpt "/dev/$2"; }
unplug() { # DISK...
  for disk; do
    device=$(basename "$(readlink -f "/sys/block/$disk/device")")
    echo "$device" >>/tmp/unplugged
    echo "$device" >$driver/unbind
  done
}
plug() { # what went last comes first, and has the first name that is free
  for device in $(tac /tmp/unplugged); do echo "$device" >$driver/bind; done
  rm /tmp/unplugged
}
as_user() { setpriv --reuid 1234 --regid 1234 --clear-groups sh -c "$1"; }
state() { # MOUNT NOTICE
  if mountpoint -q "$1"; then
    part=$(findmnt -n -o SOURCE "$1")
    out="$part $(blkid -p -o value -s LABEL "$part") $(blkid -p -o value -s PART_ENTRY_NAME "$part") $(findmnt -n -o OPTIONS "$1" | cut -c-2) $(stat -c %u:%g "$1") $(dumpe2fs -h "$part" 2>/dev/null | awk '/^Block count:/ { n = $3 } /^Block size:/ { print int(n * $3 / 1048576) "M" }')"
    [ ! -e "$1/keep" ] || out="$out $(cat "$1/keep")"
    [ ! -e "$2" ] || out="$out: $(sed -n '1s/^vmloom: //p' "$2")"
  elif touch "$1/new" 2>/dev/null || as_user "touch $1/new" 2>/dev/null; then
    out="OPEN: $(tail -n 3 /tmp/said)"
  else
    sed -n 1p "$2" | grep -q "IS NOT THERE: $1 takes nothing until it is" || echo "$name|$2 does not say so"
    out="closed: $(sed -n '2s/^vmloom: //p' "$2")"
  fi
  echo "$name|$1 $out"
}
mkdir -p /tmp/env
while IFS='|' read -r name shell list before after kept; do
  e2label /dev/vdb cidata
  mount /dev/vdb /tmp/env
  i=0
  for disk in $list; do
    echo "LIMA_CIDATA_DISK_${i}_NAME=$disk"
    i=$((i + 1))
  done >/tmp/env/lima.env
  umount /tmp/env
  eval "$before"
  udevadm settle
  sums=$(cd /dev && sha256sum $kept </dev/null)
  $shell $work/boot-data.sh >/tmp/said 2>&1 </dev/null
  state /srv/t /run/motd.d/vmloom-home
  state /srv/data /run/motd.d/vmloom-disk-data
  eval "$after"
  ! mountpoint -q /srv/data || umount /srv/data
  udevadm settle
  [ -z "$kept" ] || [ "$sums" != "$(cd /dev && sha256sum $kept)" ] || echo "$name|untouched $kept"
done <$work/steps
`

// tryDataDisks boots the VM of TestHomeDisks with a disk beside the home's, which is blank yet: each is formatted once,
// they are told apart by what Lima says and what is on them, and a directory without its disk takes nothing.
func tryDataDisks(t *testing.T, v *vm, share string) {
	p, script := bootScript(t, dataProfile)
	words := strings.NewReplacer("{home}", p.HomeLabel(), "{data}", p.DiskLabel(p.Disks[0]))
	must(t, os.WriteFile(filepath.Join(share, "boot-data.sh"), []byte(script), 0o755))
	must(t, os.WriteFile(filepath.Join(share, "drive-data.sh"), []byte(driveData), 0o755))
	for name, make := range dataImages {
		makeDisk(t, filepath.Join(share, name+".img"), words.Replace(make))
	}
	steps := ""
	for _, s := range dataSteps {
		steps += strings.Join([]string{s.name, s.shell, s.list, s.before, s.after, s.kept}, "|") + "\n"
	}
	must(t, os.WriteFile(filepath.Join(share, "steps"), []byte(steps), 0o644))
	out := v.drive("/mnt/work/drive-data.sh")
	for _, s := range dataSteps {
		t.Run(s.name, func(t *testing.T) {
			want := []string{p.HomeMount() + " " + s.home, p.Disks[0].Mount + " " + s.data}
			if s.kept != "" {
				want = append(want, "untouched "+s.kept)
			}
			if got, want := linesOf(out, s.name), words.Replace(strings.Join(want, "\n")+"\n"); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}
