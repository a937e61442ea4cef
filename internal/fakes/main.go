// Program fakes stands in for the tools that vmloom and its scripts call, each as far as
// testdata/scripts needs it: limactl, ssh, guix, launchctl, systemctl and others, and the
// programs of a guest. Arguments and the state that earlier calls left come in; the words,
// streams and exit status that the real one has for them come out. Where the real one could
// be recorded, the tests beside hold them to it. It is small so that it starts quickly:
// the scripts call it thousands of times.
package main

import (
	"os"
	"path/filepath"
	"strings"
)

// tools are the stand-ins, by name.
func tools() map[string]func() {
	return map[string]func(){
		"limactl":   fakeLimactl,
		"lima":      fakeLima,
		"guix":      fakeGuix,
		"qemu-img":  fakeQEMUImg,
		"cp":        fakeStoreTool("cp"),
		"cat":       fakeStoreTool("cat"),
		"sleep":     fakeSleep,
		"ssh":       fakeSSH,
		"ssh-add":   fakeSSHAdd,
		"launchctl": fakeLaunchctl,
		"systemctl": fakeSystemctl,
		"loginctl":  fakeLoginctl,
		"sudo":      fakeSudo,
		"tunnel":    fakeTunnel,
		"guest":     fakeGuestProgram,
		"fill":      fakeFill,
		"step":      fakeStep,
	}
}

// main is called by a link named fake-TOOL, or as the interpreter of a file whose first
// line is "#!/…/fakes TOOL": fakes TOOL FILE ARGS...
func main() {
	tool, linked := strings.CutPrefix(filepath.Base(os.Args[0]), "fake-")
	if !linked {
		tool = os.Args[1]
		os.Args = os.Args[2:]
	}
	tools()[tool]()
}
