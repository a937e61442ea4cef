package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

const steppingQEMU = "version: 1\nname: dev\nhost: {os: linux}\nrunner: qemu\nguest: {system: guix, arch: x86_64, user: {name: ada}}\nhome: {disk: 10GiB}\nguix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}\n"

// qemuStandIns are what the QEMU scripts call, as far as they look at it. They use no
// command of PATH, each of which would count as a step. A QEMU is a shell that waits at the
// monitor's pipe; it boots nothing whose image is not there. It writes its number itself, as QEMU does: of a starter
// that is killed (by a watchdog's sleep, which counts beside it) none would be left that runs and nobody knows.
var qemuStandIns = map[string]string{
	"qemu-system-x86_64": `
pid='' before=''
forwards=''
for a; do
  [ "$before" != -pidfile ] || pid=$a
  before=$a
  case $a in *hostfwd*) IFS=, && for rule in $a; do case $rule in hostfwd=*) forwards="$forwards ${rule#*=}" ;; esac; done; unset IFS ;; esac
done
[ -n "$pid" ] || exit 1 # whether an accelerator works
case "$*" in *"${REFUSE:-no such words}"*) echo 'it does not start so' >&2; exit 1 ;; esac
state=${pid%/*}
read -r _ image <"$state/system.qcow2" && [ -s "$state/$image" ] || { echo "torn: $state" >&2; exit 1; }
read -r home _ <"$state/home.raw" && [ -n "$home" ] || { echo "no home: $state" >&2; exit 1; }
/usr/bin/setsid /bin/sh -c 'state=${2%/*} forwards=" $3 "
echo $$ >"$2"
exec 3<>"$state/monitor.in" 4<>"$state/monitor.out"
while read -r word rest <&3; do
  case $word in
  *quit*) exit ;;
  print/d) echo "$(($rest))" >&4 ;;
  hostfwd_add) forwards="$forwards$rest " ;;
  hostfwd_remove) left=""
    for rule in $forwards; do case $rule in "$rest"-*) ;; *) left="$left $rule" ;; esac; done
    forwards="$left " ;;
  info) for rule in $forwards; do
      port=${rule#tcp:127.0.0.1:}
      printf "  TCP[HOST_FORWARD]  12  127.0.0.1  %s  10.0.2.15  %s  0  0\\r\\n" "${port%-:*}" "${port#*-:}" >&4
    done ;;
  esac
done' qemu -pidfile "$pid" "$forwards" </dev/null >/dev/null 2>&1 &
until [ -s "$pid" ]; do :; done`,
	"qemu-img": `
case "$1 $2" in
"create -q") if [ "$4" = raw ]; then : >"$5"; else echo "over $6" >"$9"; fi ;;
info*) for file; do :; done
  [ -e "$file" ] || exit 1
  printf 'image: %s\nfile format: qcow2\nvirtual size: 10 GiB (10737418240 bytes)\n' "$file"
  case $file in *image*) ;; *) read -r _ under <"$file" && echo "backing file: $under" ;; esac ;;
resize*) ;;
*) echo "qemu-img: $*" >&2; exit 1 ;;
esac`,
	"mke2fs":     `for file; do :; done; echo "$6" >"$file"`,
	"e2label":    `read -r label <"$1"; echo "$label"`,
	"ssh-keygen": `for file; do :; done; echo key >"$file"; echo "ssh-ed25519 AAAA vmloom" >"$file.pub"`,
	"ssh": `
state=${2%/*} pid=''
read -r pid 2>/dev/null <"$state/pid" || exit 255
kill -0 "$pid" 2>/dev/null || exit 255
case $* in
*poweroff*) kill -9 "$pid" ;;
*serial* | *'exec sh -s'*) echo vmloom-home ;;
esac`,
}

// newQEMUStepping has a VM of the stand-ins if it was made before.
func newQEMUStepping(t *testing.T, made bool) *stepping {
	t.Helper()
	if _, err := os.Stat("/usr/bin/setsid"); err != nil {
		t.Skip("SKIPPED: no setsid: the stand-in for QEMU cannot leave its script")
	}
	home, err := os.MkdirTemp("/tmp", "s")
	must(t, err)
	t.Cleanup(func() { endAll(home); os.RemoveAll(home) })
	s := &stepping{t: t, home: home, sh: tooltest.Need(t, "sh"), steps: filepath.Join(home, "count"), generated: filepath.Join(home, "p/generated/dev/scripts")}
	vm := filepath.Join(home, ".local/state/vmloom/dev")
	s.notes, s.state = filepath.Join(vm, "home.raw"), func() string { return qemuState(t, home) }
	image := filepath.Join(home, "image.qcow2")
	writeFile(t, image, "an image\n")
	s.env = []string{"IMAGE=" + image, "XDG_STATE_HOME="}
	for _, dir := range []string{"bin", "steps"} {
		must(t, os.Mkdir(filepath.Join(home, dir), 0o755))
	}
	must(t, tooltest.Fake(filepath.Join(home, "bin"), fakes(), "sleep"))
	for name, text := range qemuStandIns {
		must(t, os.WriteFile(filepath.Join(home, "bin", name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	for _, name := range append(strings.Fields("qemu-system-x86_64 qemu-img mke2fs e2label ssh-keygen mkfifo mktemp find"), stepped...) {
		must(t, os.WriteFile(filepath.Join(home, "steps", name), []byte("#!"+fakes()+" step\n"), 0o755))
	}
	writeFile(t, filepath.Join(home, "p/vmloom.yaml"), steppingQEMU)
	quietly(t, filepath.Join(home, "p"), nil, "vmloom", "gen")
	if made {
		if status, said := s.run(0, "create"); status != 0 {
			t.Fatal(said)
		}
		label, err := os.ReadFile(s.notes)
		must(t, err)
		writeFile(t, s.notes, string(label)+"notes of years\n")
	}
	return s
}

// ofOneRun is what no two runs call alike.
var ofOneRun = regexp.MustCompile(`(image|disk)-[0-9]+-[0-9]+|[0-9a-f]{32}`)

// qemuState is what there is of the VM: its files, whether it runs, and what is on the home's disk.
func qemuState(t *testing.T, home string) string {
	t.Helper()
	var out []string
	must(t, filepath.WalkDir(filepath.Join(home, ".local"), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(home, path)
		switch name := d.Name(); {
		case strings.HasPrefix(name, "serial.log"), name == "qemu.log", strings.HasSuffix(name, ".in"), strings.HasSuffix(name, ".out"), name == "pid":
		default:
			out = append(out, ofOneRun.ReplaceAllString(rel, "X"))
		}
		return nil
	}))
	slices.Sort(out)
	data, _ := os.ReadFile(filepath.Join(home, ".local/state/vmloom/dev/home.raw"))
	fields, _ := os.ReadFile(filepath.Join(home, ".local/state/vmloom/dev/fields"))
	return strings.Join(append(out, fmt.Sprint("running: ", len(qemusBelow(home))), string(data), string(fields)), "\n")
}

// qemusBelow are the processes of the VMs below a directory.
func qemusBelow(dir string) (pids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		words, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(words), "qemu\x00-pidfile\x00"+dir) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			pids = append(pids, pid)
		}
	}
	return pids
}

func endAll(dir string) {
	for _, pid := range qemusBelow(dir) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}
