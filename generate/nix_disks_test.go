package generate_test

import (
	"strings"
	"testing"
)

// TestNixDisks: the script of the unit for disks beside the home's does as the one of Ubuntu and Debian, and again while
// the guest is up.
func TestNixDisks(t *testing.T) {
	n := needNix(t)
	tree := newNixTree(t, "testdata/golden/nixos-disks")
	p, err := load("../testdata/golden/nixos-disks/vmloom.yaml")
	must(t, err)
	const services = "path:.#nixosConfigurations.store.config.systemd.services"
	n.wantAt(t, tree.root, services, `s: map (u: if u.restartIfChanged or true then 1 else 0) [ s.vmloom-disks s.vmloom-home-disk ]`, "[1, 0]")
	n.wantAt(t, tree.root, services+".vmloom-disks", `u: { inherit (u) after before wantedBy; default = u.unitConfig.DefaultDependencies; fails = u ? requiredBy && u.requiredBy != [ ]; }`,
		`{"after": ["vmloom-home-disk.service", "systemd-remount-fs.service", "systemd-udev-trigger.service"], "before": ["local-fs-pre.target", "shutdown.target"],
		"wantedBy": ["local-fs.target"], "default": false, "fails": false}`)
	script := n.eval(t, tree.root, services+".vmloom-disks.script", "u: u").(string)
	script = strings.NewReplacer("id -g dev ", "false ").Replace(script)

	data, docker := p.Disks[0], p.Disks[1]
	use := func(dev, mnt string) string {
		return "growpart /dev/" + dev + " 1|chattr -i " + mnt + "|e2fsck -p /dev/" + dev + "1|mount /dev/" + dev + "1 " + mnt + "|resize2fs /dev/" + dev + "1|"
	}
	format := func(dev, label, partition, mnt string) string {
		return "sfdisk -q --label gpt /dev/" + dev + "|mkfs.ext4 -q -F -L " + label + " -E root_owner=501:100 /dev/" + dev + "1|sfdisk -q --part-label /dev/" + dev + " 1 " + partition + "|" + use(dev, mnt)
	}
	all := lists(p.HomeDisk(), p.DiskOf(data), p.DiskOf(docker)) + " LIMA_CIDATA_UID=501"
	used := "vdc.PTTYPE=gpt vdc1.PART_ENTRY_NAME=" + data.Partition() + " vdc1.LABEL=" + p.DiskLabel(data)
	second := "vdd.PTTYPE=gpt vdd1.PART_ENTRY_NAME=" + docker.Partition() + " vdd1.LABEL=" + p.DiskLabel(docker)
	closed := "chattr +i " + data.Mount + "|"
	tryDisks(t, script, "", data.Notice(), []string{data.Mount, docker.Mount}, []diskCase{
		{name: "blank", disks: "vda vdb vdc vdd", env: all, log: format("vdc", p.DiskLabel(data), data.Partition(), data.Mount) + format("vdd", p.DiskLabel(docker), docker.Partition(), docker.Mount)},
		{name: "one is new", disks: "vda vdb vdc vdc1 vdd", env: all, attr: used, log: use("vdc", data.Mount) + format("vdd", p.DiskLabel(docker), docker.Partition(), docker.Mount)},
		{name: "somebody's beside one of ours", disks: "vda vdb vdc vdd vdd1", env: all, attr: "vdc.TYPE=xfs " + second,
			log: closed + use("vdd", docker.Mount), says: "/dev/vdc is neither blank nor this VM's disk data: left alone"},
	}, "bash", "-e")

	// While the guest is up, by what findmnt says of the directories and of the first disk.
	const up = `
mountpoint() { case $* in -d*) echo 254:1 ;; *) eval "$there" ;; esac; }
findmnt() {
  case $* in
  *LABEL*it@s) echo "$label1" ;;
  *LABEL*docker) echo DOCKER ;;
  *OPTIONS*) echo rw,relatime ;;
  *vdc1) [ -n "$before_switch" ] && [ ! -e "$AT/gone" ] && echo "$before_switch" ;;
  *) return 1 ;;
  esac
}
umount() {
  case $1 in /old) echo umount /old >>"$AT/log"; [ "$busy" = no ] && touch "$AT/gone" ;; *) rm -f "$1/lima.env" ;; esac
}
`
	disks, attr := "vda vdb vdc vdc1 vdd vdd1", used+" "+second
	docked := strings.Replace(up, "DOCKER", p.DiskLabel(docker), 1)
	for _, c := range []struct {
		state string
		diskCase
	}{
		{"before_switch= there=true label1=" + p.DiskLabel(data), diskCase{name: "all is where it belongs at a switch", disks: disks, env: all, attr: attr}},
		{"before_switch= there=true label1=other", diskCase{name: "another disk is there at a switch", disks: disks, env: all, attr: attr,
			says: "something else is mounted there: once that is unmounted, another switch, or the next start of the VM, brings the disk"}},
		{"there='case $* in *docker) ;; *) false ;; esac' before_switch=/old busy=no", diskCase{name: "a switch moves it", disks: disks, env: all, attr: attr, log: "umount /old|" + use("vdc", data.Mount)}},
		{"there='case $* in *docker) ;; *) false ;; esac' before_switch=/old busy=yes", diskCase{name: "a switch would move it while it is in use", disks: disks, env: all, attr: attr,
			log: "umount /old|" + closed, says: "/dev/vdc1 is in use at /old: the next start of the VM brings it here"}},
	} {
		tryDisks(t, c.state+docked+script, "", data.Notice(), []string{data.Mount, docker.Mount}, []diskCase{c.diskCase}, "bash", "-e")
	}
}
