package verify_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"vmloom/profile"
	"vmloom/verify"
)

// attack is how the promise of a row is broken, and how the row is lied to: something
// else answers in the place of what it looks at.
type attack struct {
	broken func(v *fakeVM, c verify.Check)
	// lied is nil where the answers of the row's commands are all that it has; of those
	// each is lied about in every way (verify.Lies).
	lied func(v *fakeVM, c verify.Check)
	// want of a lie, and of what is broken; else failed.
	want, wantBroken verify.Status
	// before is done before any of it.
	before func(v *fakeVM, c verify.Check)
	// live rows change what they look at, or look at the time.
	live bool
	// unproven says why the row need not be ok where all is well.
	unproven string
	// linux: a host of another system is not asked.
	linux bool
	// stands are lies that it is right to be ok with, and why.
	stands map[string]string
}

// by says in the guest what no longer holds; file, exec and the others do it on the host.
func by(changes ...string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.guest(changes...) }
}

// inVM writes a file of the VM's directory, shellIn runs a line there.
func inVM(path, text string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.WriteFile(filepath.Join(vm(v), path), []byte(text+"\n"), 0o644))
	}
}

func shellIn(line string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.run("sh", "-c", "cd "+vm(v)+" && "+line) }
}

// marked gives the VM the mark of another project, which is there.
func marked(id, profile, of string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		v.write("other/.vmloom/other.id", "0123\n")
		v.write("other/vmloom.yaml", "")
		if id == "" {
			id = v.site.Owner.ID
		}
		if of == "" {
			of = filepath.Base(vm(v))
		}
		inVM("vmloom.owner", "id="+id+"\nname=x\nprofile="+filepath.Join(v.site.Home, profile)+"\nof="+of)(v, verify.Check{})
	}
}

func ofSocket(state string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.guest(state + "=" + v.profile.Sockets[0].Guest) }
}

// projectFile is where the VM has the profile's directory.
func projectFile(v *fakeVM) string {
	if v.profile.UnderLima() {
		return filepath.Join(vm(v), "lima.yaml")
	}
	return filepath.Join(vm(v), "project")
}

// givenFile is where the VM's size is noted.
func givenFile(v *fakeVM) string {
	if v.profile.UnderLima() {
		return filepath.Join(vm(v), "lima.yaml")
	}
	return filepath.Join(vm(v), "given")
}

func wezTermFile(v *fakeVM) string {
	return filepath.Join(v.site.Config, "wezterm", v.profile.Name+".lua")
}

func text(path, text string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.write(path, text) }
}

func program(name, script string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		v.write("bin/"+name, "#!/bin/sh\n"+script+"\n")
		must(v.t, os.Chmod(filepath.Join(v.site.Home, "bin", name), 0o755))
	}
}

func shell(line string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.run("sh", "-c", line) }
}

func site(change func(*verify.Site)) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { change(v.site) }
}

// pipe puts one in the place of a file: whoever opens it waits for ever.
func pipe(path func(*fakeVM) string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.RemoveAll(path(v)))
		must(v.t, syscall.Mkfifo(path(v), 0o600))
	}
}

// dir puts a directory in the place of a file, plain a file in the place of a directory.
func dir(path func(*fakeVM) string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.RemoveAll(path(v)))
		must(v.t, os.MkdirAll(path(v), 0o755))
	}
}

func plain(path func(*fakeVM) string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.RemoveAll(path(v)))
		must(v.t, os.WriteFile(path(v), nil, 0o644))
	}
}

func gone(path func(*fakeVM) string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { must(v.t, os.RemoveAll(path(v))) }
}

func under(dir func(*fakeVM) string, name string) func(*fakeVM) string {
	return func(v *fakeVM) string {
		return filepath.Join(dir(v), strings.ReplaceAll(name, "NAME", v.profile.Name))
	}
}

// vm is the directory of the VM: Lima's of the instance, or QEMU's.
func vm(v *fakeVM) string {
	if !v.profile.UnderLima() {
		return v.site.State
	}
	return filepath.Join(v.site.LimaHome, v.profile.Lima.Instance)
}

func homeDisk(v *fakeVM) string {
	if !v.profile.UnderLima() {
		return filepath.Join(v.site.State, v.profile.HomeDisk())
	}
	return filepath.Join(v.site.LimaHome, "_disks", v.profile.HomeDisk())
}

func dataDisk(v *fakeVM) string {
	return filepath.Join(v.site.LimaHome, "_disks", v.profile.DiskOf(v.profile.Disks[0]))
}

func guestHome(v *fakeVM) string { return filepath.Join(vm(v), "guest", v.profile.Guest.User.Home) }

func shared(v *fakeVM) string { return strings.Replace(v.profile.Mounts[0].Host, "~", v.site.Home, 1) }

func mountPoint(v *fakeVM) string {
	return filepath.Join(vm(v), "guest", v.profile.GuestPath(v.profile.Mounts[0]))
}

func elsewhere(v *fakeVM, _ verify.Check) {
	must(v.t, os.Remove(mountPoint(v)))
	must(v.t, os.Symlink(v.t.TempDir(), mountPoint(v)))
}

func environment(line string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.WriteFile(filepath.Join(vm(v), "guest/etc/environment"), []byte(line+"\n"), 0o644))
	}
}

func listeners(v *fakeVM) string { return filepath.Join(vm(v), "fake-ssh/guest/proc/net/unix") }

func socketOf(v *fakeVM) string {
	return strings.Replace(v.profile.Sockets[0].Host, "~", v.site.Home, 1)
}

func unitFile(v *fakeVM) string {
	if v.profile.MacOS() {
		return filepath.Join(v.site.Home, "Library/LaunchAgents", v.profile.StartLabel()+".plist")
	}
	return filepath.Join(v.site.Config, "systemd/user", v.profile.Unit()+".service")
}

func programFile(v *fakeVM) string {
	if !v.profile.MacOS() {
		return filepath.Join(v.site.Config, "systemd/user", v.profile.ProgramUnit(v.profile.AtLogin()[0]))
	}
	return filepath.Join(v.site.Home, "Library/LaunchAgents", v.profile.ProgramLabel(v.profile.AtLogin()[0])+".plist")
}

// offered is where the first socket of the guest is on the host.
func offered(v *fakeVM) string {
	return strings.Replace(v.profile.ToHost()[0].Host, "~", v.site.Home, 1)
}

func repairFile(v *fakeVM) string {
	if v.profile.MacOS() {
		return filepath.Join(v.site.Home, "Library/LaunchAgents", v.profile.RepairLabel()+".plist")
	}
	return filepath.Join(v.site.Config, "systemd/user", v.profile.Unit()+"-repair.timer")
}

// another program listens at the first port of the host.
func another(v *fakeVM, _ verify.Check) {
	l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", v.profile.Ports[0].Host))
	must(v.t, err)
	v.ends = append(v.ends, func() { l.Close() })
}

// likeOurs is another program whose words hold a path that ends as that of the VM.
func likeOurs(v *fakeVM, _ verify.Check) {
	v.tunnel("/backup" + vm(v) + "/ha.sock")
}

// guestListens has a program of the guest listen, and nothing of the host.
func guestListens(v *fakeVM, _ verify.Check) {
	file := filepath.Join(vm(v), "fake-ssh/guest/proc/net/tcp")
	must(v.t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(v.t, os.WriteFile(file, fmt.Appendf(nil, "   0: 00000000:%04X 00000000:0000 0A\n", v.profile.Ports[0].Guest.First), 0o644))
}

// guestFile changes a file of the guest.
func guestFile(path, text string) func(*fakeVM, verify.Check) {
	return inVM("guest/"+path, text)
}

// unlisted has a program of the guest listen at a port that the profile does not list, of which
// the host's is the VM's.
func unlisted(v *fakeVM, c verify.Check) {
	file := filepath.Join(vm(v), "fake-ssh/guest/proc/net/tcp")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(v.t, err)
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	must(v.t, os.WriteFile(file, fmt.Appendf(nil, "  sl  local_address rem_address st\n   0: 00000000:%04X 00000000:0000 0A\n", port), 0o644))
	kept := v.profile.Ports[0].Host
	v.profile.Ports[0].Host = profile.OnePort(port)
	defer func() { v.profile.Ports[0].Host = kept }()
	v.tunnel(vm(v) + "/ha.sock")
}

func stopped(v *fakeVM, _ verify.Check) {
	if v.profile.UnderLima() {
		v.run("limactl", "stop", "-f", v.profile.Lima.Instance)
		return
	}
	must(v.t, os.RemoveAll(filepath.Join(v.site.State, "pid")))
}

// anotherProcess has, under QEMU, the number that the VM's had; Lima is asked, and lied about.
func anotherProcess(v *fakeVM, c verify.Check) {
	stopped(v, c)
	if !v.profile.UnderLima() {
		inVM("pid", fmt.Sprint(os.Getpid()))(v, c)
	}
}

func started(v *fakeVM, _ verify.Check) {
	if v.profile.UnderLima() {
		v.run("limactl", "start", v.profile.Lima.Instance)
		return
	}
	v.run("sh", filepath.Join(v.site.Generated, "scripts", v.profile.Name+"-create.sh"))
}

// restarted has the row before write its file, and the VM start anew if wanted.
func restarted(really bool) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, c verify.Check) {
		for _, row := range verify.Checks(v.profile) {
			if row.ID == "restart/before" {
				v.one(row)
			}
		}
		if really {
			stopped(v, c)
			started(v, c)
		}
	}
}

func script(verb, text string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		must(v.t, os.WriteFile(filepath.Join(v.site.Generated, "scripts", v.profile.Name+"-"+verb+".sh"), []byte(text+"\n"), 0o755))
	}
}

// then does one after the other.
func then(all ...func(*fakeVM, verify.Check)) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, c verify.Check) {
		for _, do := range all {
			do(v, c)
		}
	}
}

func environ(name, value string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) { v.t.Setenv(name, value) }
}

// allLie are programs that say what the row would like to hear, and are not to be asked.
var allLie = then(program("uname", "echo Linux"), program("id", "echo 1000"), program("sw_vers", "echo macOS"))

func token(v *fakeVM) string {
	return filepath.Join(vm(v), "fake-ssh/guest/run/vmloom-1password/token")
}

func envFile(v *fakeVM) string {
	return filepath.Join(vm(v), "fake-ssh/guest/run/vmloom-env/env")
}

func systemctl(words string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		v.run("sh", "-c", "systemctl --user "+strings.ReplaceAll(words, "UNIT", v.profile.Unit()))
	}
}

func launchctl(label func(*fakeVM) string) func(*fakeVM, verify.Check) {
	return func(v *fakeVM, _ verify.Check) {
		v.run("launchctl", "bootout", fmt.Sprint("gui/", v.site.UID, "/", label(v)))
	}
}

var (
	fails   = func(name string) attack { return attack{broken: program(name, "echo no >&2; exit 1")} }
	denied  = map[string]string{"fails": "no session of one's own is what the row is about", "missing": "no manager at all, too"}
	tried   = map[string]string{"dead": "the way itself is tried then", "stranger": "the same", "other words": "the same", "silent": "the same", "fails": "the same", "missing": "the same"}
	without = map[string]string{"silent": "the way is proven with a listener of ssh's own", "other words": "the same", "fails": "the same", "missing": "the same"}
)

// attacks by the kind of row: what a profile names is * in it.
var attacks = map[string]attack{
	"generated/fresh": {broken: site(func(s *verify.Site) { s.Stale = []string{"ssh/config"} }), lied: site(func(s *verify.Site) { s.Files = nil })},

	"tool/limactl":             fails("limactl"),
	"tool/ssh":                 fails("ssh"),
	"tool/ssh-keygen":          fails("ssh-keygen"),
	"tool/qemu-system-x86_64":  fails("qemu-system-x86_64"),
	"tool/qemu-system-aarch64": fails("qemu-system-aarch64"),
	"tool/qemu-img":            fails("qemu-img"),
	"tool/mke2fs":              fails("mke2fs"),
	"tool/guix":                fails("guix"),
	"tool/nix":                 fails("nix"),

	"accel/hvf": {broken: program("sysctl", "echo 0")},
	"accel/kvm": {
		broken: site(func(s *verify.Site) { s.KVM += ".none" }), lied: site(func(s *verify.Site) { s.KVM = "/dev/null" }),
		unproven: "this machine may have none", linux: true,
	},
	"size/cpus":      {before: site(func(s *verify.Site) { s.CPUs = 256 }), broken: site(func(s *verify.Site) { s.CPUs = 1 }), lied: then(allLie, site(func(s *verify.Site) { s.CPUs = 1 }))},
	"size/memory":    {before: site(func(s *verify.Site) { s.Memory = 1 << 50 }), broken: site(func(s *verify.Site) { s.Memory = 1 << 20 }), lied: then(allLie, site(func(s *verify.Site) { s.Memory = 1 << 20 }))},
	"host/os":        {broken: site(func(s *verify.Site) { s.OS = "plan9" }), lied: then(allLie, site(func(s *verify.Site) { s.OS = "plan9" }))},
	"host/lima-home": {broken: site(func(s *verify.Site) { s.TypedLima = "/elsewhere" }), lied: then(allLie, site(func(s *verify.Site) { s.TypedLima = "/elsewhere" }))},
	"host/arch":      {before: site(func(s *verify.Site) { s.Arch = "x86_64" }), broken: site(func(s *verify.Site) { s.Arch = "vax" }), lied: then(allLie, site(func(s *verify.Site) { s.Arch = "vax" }))},
	"user/root": {
		before: site(func(s *verify.Site) { s.UID = 1000 }),
		broken: site(func(s *verify.Site) { s.UID = 0 }), lied: then(allLie, site(func(s *verify.Site) { s.UID = 0 })),
	},
	"lima/template": {
		broken: program("limactl", `echo 'time="2026-11-26T14:05:00Z" level=fatal msg="failed to validate YAML file: field dns must be empty"' >&2; exit 1`),
		lied:   program("limactl", "echo 'panic: no such thing' >&2; exit 2"), want: verify.Unknown,
	},
	"path/lima":       tooLong(func(s *verify.Site) *string { return &s.LimaHome }),
	"path/state":      tooLong(func(s *verify.Site) *string { return &s.State }),
	"service/manager": {broken: then(environ("FAKE_SYSTEMCTL_DOWN", "1"), environ("FAKE_LAUNCHCTL_DOWN", "1")), stands: denied},

	"instance/exists":  {broken: gone(vm)},
	"instance/ours":    {broken: marked("0123", "other/vmloom.yaml", ""), lied: marked("", "vmloom.yaml", "other")},
	"instance/running": {broken: stopped, lied: anotherProcess},
	"instance/ready":   {broken: inVM("ha.stdout.log", `{"status":{"running":true,"degraded":true,"errors":["x"]}}`), lied: pipe(under(vm, "ha.stdout.log")), want: verify.Unknown},
	"instance/here": {
		broken: func(v *fakeVM, _ verify.Check) { v.site.Owner.Path = "/elsewhere/vmloom.yaml" },
		lied:   pipe(projectFile), want: verify.Unknown,
	},
	"instance/share": {
		before: func(v *fakeVM, _ verify.Check) { // the host is twice the VM
			cpus, mib := 0, int64(0)
			if v.profile.UnderLima() {
				_, err := fmt.Sscan(v.run("sed", "-n", `s/^cpus: //p; s/^memory: "*\([0-9]*\)MiB"*$/\1/p`, givenFile(v)), &cpus, &mib)
				must(v.t, err)
			} else {
				cpus, mib = 2, 2048
				inVM("given", "2 2048M")(v, verify.Check{})
			}
			v.site.CPUs, v.site.Memory = 2*cpus, 2*mib<<20
		},
		broken: site(func(s *verify.Site) { s.CPUs = 64 }), lied: pipe(givenFile), want: verify.Unknown,
	},
	"instance/template": {broken: inVM("lima.yaml", "cpus: 77"), lied: dir(under(vm, "lima.yaml")), want: verify.Unknown},

	"access/guest":      {broken: by("kernel=Darwin")},
	"access/lima":       fails("lima"),
	"access/ssh-config": {broken: inVM("fake-ssh/down", "")},
	"access/ssh":        {broken: text(".ssh/config", ""), stands: tried},

	"guest/system":       {broken: inVM("guest/etc/os-release", "ID=gentoo")},
	"guest/arch":         {broken: by("machine=vax")},
	"guest/hostname":     {broken: by("host=other")},
	"guest/cpus":         {broken: by("cpus=77")},
	"guest/timezone":     {broken: shellIn("ln -sfn /usr/share/zoneinfo/Europe/Paris guest/etc/localtime")},
	"guest/locale":       {broken: inVM("guest/etc/default/locale", "LANG=C"), stands: map[string]string{}},
	"guest/clock":        {broken: by("clock=-100"), live: true},
	"user/name":          {broken: by("user=eve")},
	"user/uid":           {broken: by("uid=7")},
	"user/home":          {broken: by("home=/root")},
	"user/shell":         {broken: shellIn("sed -i s,/bin/[a-z]*$,/bin/csh, guest/etc/passwd")},
	"user/keys":          {broken: gone(under(guestHome, ".ssh/authorized_keys"))},
	"guest/setup":        {broken: shellIn("rm guest/var/lib/vmloom/setup/*")},
	"guest/certificates": {broken: inVM("guest/etc/ssl/certs/ca-certificates.crt", "")},
	"guest/proxy":        {broken: environment("http_proxy=http://proxy.example.org:3128"), lied: inVM("guest/etc/apt/apt.conf.d/95vmloom-proxy", "")},
	"user/groups":        {broken: by("groups=users")},
	"guest/kvm":          {broken: by("kvm=")},
	"guest/rosetta":      {broken: inVM("fake-ssh/guest/proc/sys/fs/binfmt_misc/rosetta", "disabled")},
	"guest/containers":   {broken: by("docker=down")},
	"env/*":              {broken: environment("NOTHING=1")},
	"packages":           {broken: inVM("guest/etc/packages", "none installed;")},

	"editor/loader": {
		broken: shellIn("rm guest/lib64/ld-*"), lied: shellIn("cd guest/lib64 && touch stub-ld && ln -sf stub-ld ld-linux-x86-64.so.2"),
	},

	"editor/server": {
		before: func(v *fakeVM, c verify.Check) {
			v.run("mkdir", "-p", guestHome(v)+"/.vscode-server", guestHome(v)+"/.zed_server")
		},
		broken: shellIn("printf 'exit 1' >guest-bin/tar && chmod 755 guest-bin/tar"), lied: inVM("fake-ssh/chatter", "Welcome to this machine!"),
	},

	"home/kept":       {broken: gone(homeDisk), lied: then(gone(homeDisk), dir(homeDisk))},
	"home/writable":   {broken: then(gone(guestHome), plain(guestHome))},
	"home/owner":      {broken: by("owner=7")},
	"home/disk":       {broken: by("label=rootfs")},
	"disk/*/kept":     {broken: gone(dataDisk), lied: then(gone(dataDisk), dir(dataDisk))},
	"disk/*/mounted":  {broken: by("disk:/data=rootfs")},
	"disk/*/space":    {broken: by("freehome=1000", "used=99")},
	"home/store":      {broken: by("substituters=https://cache.nixos.org/ file:///home/.vmloom-nix-of-another?trusted=true"), lied: by("label=rootfs")},
	"mount/*/host":    {broken: gone(shared), lied: plain(shared)},
	"mount/*/mounted": {broken: gone(mountPoint)},
	"mount/*/type":    {broken: by("mounts=fuse.sshfs")},
	"mounts/watched":  {broken: inVM("ha.stderr.log", `{"level":"info","msg":"enable inotify for writable mount: /other"}`), lied: inVM("ha.stderr.log", "watched")},
	"mount/*/shared":  {broken: gone(mountPoint), lied: elsewhere, live: true},

	"socket/*/host":    {broken: gone(socketOf), lied: func(v *fakeVM, _ verify.Check) { v.listen(socketOf(v), true) }},
	"socket/*/there":   {broken: plain(listeners), lied: gone(func(v *fakeVM) string { return filepath.Join(vm(v), "fake-ssh/guest", v.profile.Sockets[0].Guest) })},
	"socket/*/answers": {broken: ofSocket("refused"), lied: ofSocket("stranger"), live: true},
	"socket/*/guest":   {broken: plain(listeners)},
	"socket/*/offered": {broken: gone(offered), lied: func(v *fakeVM, _ verify.Check) { v.listen(offered(v), true) }},
	"socket/*/used":    {broken: shell("touch $HOME/broken"), stands: map[string]string{"stranger": "the same", "silent": "its status is its answer", "other words": "the same"}},
	"socket/*/env":     {broken: environment("NOTHING=1")},
	"socket/*/check":   {broken: by("docker=down", "keys="), stands: map[string]string{"silent": "its status is its answer", "other words": "the same"}},
	"socket/*/keys":    {broken: by("gpg=FEDCBA9876543210")},
	"socket/*/same":    {broken: by("keys=256 SHA256:xyz eve (ED25519)")},

	"op/file":   {broken: shell("chmod 644 $HOME/token"), lied: then(shell("mkdir -m 700 $HOME/other; touch $HOME/other/x"), shell("rm $HOME/token; mv $HOME/other $HOME/token"))},
	"op/token":  {broken: gone(token)},
	"op/env":    {broken: environment("NOTHING=1")},
	"op/whoami": {broken: by("op=deleted")},

	"env-file/file":   {broken: shell("echo GREETING >$HOME/env"), lied: shell("chmod 644 $HOME/env")},
	"env-file/same":   {broken: gone(envFile), lied: shell("echo GREETING=other >$HOME/env")},
	"env-file/shells": {broken: environment("NOTHING=1")},

	"port/*/free": {broken: another, lied: likeOurs},
	"port/*":      {broken: guestListens, lied: another, live: true, stands: without},

	"network/dns":     {broken: guestFile("etc/resolv.conf", "nameserver 192.168.5.3")},
	"network/hosts":   {broken: guestFile("etc/hosts", "127.0.0.1 localhost\n10.0.0.6 db.internal")},
	"card/*":          {broken: guestFile("etc/cards", "eth0 52:55:55:00:00:01 192.168.5.15/24"), lied: guestFile("etc/cards", "eth0 52:55:55:00:00:01 192.168.5.15/24\nlima0 52:55:55:12:34:56")},
	"card/*/metric":   {broken: guestFile("etc/cards", "eth0 52:55:55:00:00:01 192.168.5.15/24 200\nlima0 52:55:55:12:34:56 192.168.105.2/24 100"), lied: guestFile("etc/cards", "eth0 52:55:55:00:00:01 192.168.5.15/24 50")},
	"network/forward": {broken: unlisted, lied: inVM("fake-ssh/guest/proc/net/tcp", "no table"), want: verify.Unknown},

	"qemu access/ssh-config": {broken: inVM("fake-ssh/down", ""), wantBroken: verify.Unknown}, // it is the way of all questions
	"qemu instance/exists":   {broken: gone(vm), lied: dir(under(vm, "system.qcow2"))},
	// QEMU holds the host's port, whoever listens in the guest.
	"qemu port/*/free": {
		broken: site(func(s *verify.Site) { s.State += ".other" }),
		lied:   func(v *fakeVM, _ verify.Check) { v.site.State = strings.TrimPrefix(v.site.State, "/tmp") },
	},
	"qemu port/*": {
		broken: inVM("fake-ssh/guest/proc/net/tcp", "   0: 0100007F:1F90 00000000:0000 0A"),
		lied: func(v *fakeVM, _ verify.Check) {
			v.process("-netdev", fmt.Sprintf("user,id=net0,hostfwd=tcp:127.0.0.1:%d-:%d", v.profile.Ports[0].Host.First, v.profile.Ports[0].Guest.First))
		},
		live: true, stands: map[string]string{"silent": "QEMU holds the port and forwards it: the guest is asked only who listens", "other words": "the same", "fails": "the same", "missing": "the same"},
	},

	"wezterm/installed": {broken: gone(wezTermFile), lied: pipe(wezTermFile), want: verify.Unknown},
	"wezterm/loads":     {broken: program("luac", `[ "$1" != -v ] || exec echo Lua 5.4; echo no >&2; exit 1`), stands: map[string]string{"silent": "luac says nothing of what is Lua", "other words": "the same", "stranger": "the same"}},
	"wezterm/required": {
		broken: text(".config/wezterm/wezterm.lua", "return {}\n"),
		lied: func(v *fakeVM, _ verify.Check) {
			v.write(".config/wezterm/wezterm.lua", "-- require('"+v.profile.Name+"')\nlocal s = \"require('"+v.profile.Name+"')\"\nreturn {}\n")
		},
	},
	"wezterm/keys":     {broken: program("wezterm", "echo ' SUPER s -> Nop'")},
	"wezterm/connects": {broken: inVM("fake-ssh/down", "")},

	"autostart/installed": {broken: gone(unitFile), lied: pipe(unitFile), want: verify.Unknown},
	"autostart/enabled":   {broken: systemctl("disable UNIT.service")},
	"autostart/linger":    {broken: func(v *fakeVM, _ verify.Check) { v.run("loginctl", "disable-linger", v.site.User) }},
	"autostart/loaded":    {broken: launchctl(func(v *fakeVM) string { return v.profile.StartLabel() })},

	"socket/*/start/installed": {broken: gone(programFile), lied: pipe(programFile), want: verify.Unknown},
	"socket/*/start/enabled":   {broken: systemctl("disable UNIT.start-pods.service")},
	"socket/*/start/loaded":    {broken: launchctl(func(v *fakeVM) string { return v.profile.ProgramLabel(v.profile.AtLogin()[0]) })},

	"repair/installed": {broken: gone(repairFile), lied: pipe(repairFile), want: verify.Unknown},
	"repair/enabled":   {broken: systemctl("disable UNIT-repair.timer")},
	"repair/active":    {broken: systemctl("stop UNIT-repair.timer")},
	"repair/loaded":    {broken: launchctl(func(v *fakeVM) string { return v.profile.RepairLabel() })},

	"space/host":   {broken: program("df", `printf 'F 1024-blocks Used Available Capacity M\n/ 9 9 9 99%% /\n'`)},
	"space/system": {broken: by("free=1000", "used=99")},
	"space/home":   {broken: by("freehome=1000", "used=99")},

	"restart/before": {broken: by("sync=no")},
	"restart/stop":   {broken: script("stop", "echo no >&2; exit 1"), lied: script("stop", "exit 0"), live: true},
	"restart/start":  {before: stopped, broken: script("create", "echo no >&2; exit 1"), lied: script("create", "exit 0"), live: true},
	"restart/home":   {before: restarted(true), broken: gone(guestHome), lied: restarted(false), live: true},
	"restart/socket/*": {broken: plain(listeners), lied: gone(func(v *fakeVM) string {
		return filepath.Join(vm(v), "fake-ssh/guest", v.profile.Sockets[0].Guest)
	})},
}

func tooLong(path func(*verify.Site) *string) attack {
	long := site(func(s *verify.Site) { *path(s) = "/" + strings.Repeat("long/", 30) })
	return attack{broken: long, lied: then(allLie, long)}
}
