package tooltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Faked are the tools that internal/fakes stands in for.
func Faked() []string {
	return []string{"limactl", "lima", "guix", "qemu-img", "cp", "cat", "sleep", "ssh", "ssh-add", "launchctl", "systemctl", "loginctl", "sudo", "tunnel"}
}

// BuildFakes builds internal/fakes in dir and gives the program's path. Beside it are
// links named fake-TOOL, which a stand-in of a script's own calls.
func BuildFakes(dir string) (string, error) {
	program := filepath.Join(dir, "fakes")
	if out, err := exec.Command("go", "build", "-o", program, "vmloom/internal/fakes").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	for _, tool := range Faked() {
		if err := os.Symlink(program, filepath.Join(dir, "fake-"+tool)); err != nil {
			return "", err
		}
	}
	return program, nil
}

// Fake makes files in dir that are stand-ins for tools: a dir for PATH.
func Fake(dir, program string, tools ...string) error {
	for _, tool := range tools {
		if err := os.WriteFile(filepath.Join(dir, tool), []byte("#!"+program+" "+tool+"\n"), 0o777); err != nil {
			return err
		}
	}
	return nil
}
