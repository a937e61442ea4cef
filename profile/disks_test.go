package profile

import (
	"fmt"
	"strings"
	"testing"
)

// manyDisks are so many that nothing else is wrong with.
func manyDisks(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("{name: d%d, size: 1GiB, mount: /d%d}", i, i))
	}
	return "disks: [" + strings.Join(all, ", ") + "]"
}

// TestDisks: a disk that cannot be is refused, with what to write instead.
func TestDisks(t *testing.T) {
	const debian = "{system: debian, release: '13', user: {name: u}}"
	for _, c := range []struct{ guest, more, want string }{
		{debian, "disks: [{name: data, size: 20GiB, mount: /data}, {name: docker, size: 1GiB, mount: /var/lib/docker}]", ""},
		{debian, "home: {disk: 1GiB}\ndisks: [{name: data, size: 20GiB, mount: /home/shared}]", ""},
		{debian, manyDisks(mostDisks), ""},
		{debian, manyDisks(mostDisks + 1), "5:8: disks: are 17: a VM has places for 16 [a bigger one may have several directories]"},
		{debian, "disks: [{name: x, size: 1GiB, mount: /x, format: xfs, owner: 0}]", `5:42: disks[0].format: unknown key [it is ext4, made once, where the disk is blank: remove the line]
5:55: disks[0].owner: unknown key [its root belongs to the guest's user: remove the line]`},
		{debian, "disks: [{}]", `5:9: disks[0].name: is required [write name: data, or what else you call it]
5:9: disks[0].size: is required [write size: 20GiB]
5:9: disks[0].mount: is required [write mount: /data]`},
		{debian, "disks: [{name: home, size: 1GiB, mount: /a}, {name: b-home, size: 1GiB, mount: /b}, {name: C_, size: 1GiB, mount: /c}, {name: d, size: 100MiB, mount: /d}, {name: d, size: 1GiB, mount: /e}]", `5:16: disks[0].name: is the name of a home's disk [write another name; the home's own disk is home: {disk: 40GiB}]
5:53: disks[1].name: is the name of a home's disk [write another name; the home's own disk is home: {disk: 40GiB}]
5:92: disks[2].name: must be lower-case letters, digits and single inner dashes, starting with a letter [write c]
5:136: disks[3].size: must be at least 256MiB
5:163: disks[4].name: disks[3] has this name`},
		{debian, "disks: [{name: a, size: 1GiB, mount: data}, {name: b, size: 1GiB, mount: /b/}, {name: c, size: 1GiB, mount: /}, {name: d, size: 1GiB, mount: /usr}, {name: e, size: 1GiB, mount: /run/e}, {name: f, size: 1GiB, mount: /var/lib/dpkg}, {name: g, size: 1GiB, mount: '/g h'}, {name: h, size: 1GiB, mount: /mnt/lima-h}]", `5:38: disks[0].mount: must be an absolute path [begin it with a slash]
5:74: disks[1].mount: must be written plainly: /b
5:109: disks[2].mount: / is a system directory of the guest [write another directory, such as /data]
5:142: disks[3].mount: /usr is a system directory of the guest [write another directory, such as /data]
5:178: disks[4].mount: /run/e is inside a system directory of the guest [write another directory, such as /data]
5:216: disks[5].mount: /var/lib/dpkg is a system directory of the guest [write another directory, such as /data]
5:261: disks[6].mount: must be letters, digits and . _ / @ + - [write another directory, such as /data]
5:299: disks[7].mount: /mnt/lima-* is Lima's own [write another directory, such as /data]`},
		{debian, "mounts: [{host: ~/src, guest: /work}]\ndisks: [{name: a, size: 1GiB, mount: /work}, {name: b, size: 1GiB, mount: /work/b}, {name: c, size: 1GiB, mount: /c}, {name: d, size: 1GiB, mount: /c/d}, {name: e, size: 1GiB, mount: /home/u.guest/e}, {name: f, size: 1GiB, mount: /home}]", `6:38: disks[0].mount: mounts[0] is at /work [a disk and a mount each want a directory of their own]
6:75: disks[1].mount: mounts[0] is at /work [a disk and a mount each want a directory of their own]
6:148: disks[3].mount: disks[2] is at /c [no disk is mounted inside another: give each a directory of its own]
6:184: disks[4].mount: would be inside the guest's home /home/u.guest [the disk is there before the user is: write /e, and in the guest, once: ln -s /e /home/u.guest/e]
6:231: disks[5].mount: /home is a system directory of the guest [write another directory, such as /data]`},
		{"{system: nixos, user: {name: u}}", "disks: [{name: data, size: 20GiB, mount: /data}, {name: docker, size: 1GiB, mount: /var/lib/docker}]", ""},
		{"{system: nixos, user: {name: u}}", "disks: [{name: a, size: 1GiB, mount: /nix}, {name: b, size: 1GiB, mount: /nix/store}, {name: c, size: 1GiB, mount: /var/lib/nixos}]", `5:38: disks[0].mount: /nix is inside a system directory of the guest [write another directory, such as /data]
5:74: disks[1].mount: /nix/store is inside a system directory of the guest [write another directory, such as /data]
5:116: disks[2].mount: /var/lib/nixos is a system directory of the guest [write another directory, such as /data]`},
		{debian, "nix: {base: own}\ndisks: [{name: data, size: 20GiB, mount: /data}]", ""},
		{"{system: guix, user: {name: u}}", "disks: [{name: data, size: 20GiB, mount: /data}, {name: docker, size: 1GiB, mount: /var/lib/docker}, {name: own, size: 1GiB, mount: /mnt/lima-own}]", ""},
		{"{system: guix, user: {name: u}}", "guix: {version: \"1.4\"}\ndisks: [{name: data, size: 20GiB, mount: /data}]", `6:8: disks: Guix 1.4 has no place to say at a login that one is missing [write guix: {version: "1.5"}]`},
		{"{system: guix, user: {name: u}}", "disks: [{name: a, size: 1GiB, mount: /gnu/store}, {name: b, size: 1GiB, mount: /var/guix}, {name: c, size: 1GiB, mount: /home/u/c}]", `5:38: disks[0].mount: /gnu/store is inside a system directory of the guest [write another directory, such as /data]
5:80: disks[1].mount: /var/guix is a system directory of the guest [write another directory, such as /data]
5:121: disks[2].mount: would be inside the guest's home /home/u [the disk is there before the user is: write /c, and in the guest, once: ln -s /c /home/u/c]`},
	} {
		_, err := Load("vmloom.yaml", []byte("version: 1\nname: box\nhost: {os: linux}\nguest: "+c.guest+"\n"+c.more+"\n"))
		var lines []string
		if ps, ok := err.(Problems); ok {
			for _, problem := range ps {
				line := fmt.Sprintf("%d:%d: %s: %s", problem.Pos.Line, problem.Pos.Col, problem.Path, problem.Reason)
				if problem.Hint != "" {
					line += " [" + problem.Hint + "]"
				}
				lines = append(lines, line)
			}
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.more, got, c.want)
		}
	}
}
