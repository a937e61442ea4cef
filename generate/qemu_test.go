package generate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// hasLima reports whether the artefact's tree is one for Lima.
func hasLima(t *testing.T, a artefact) bool {
	return slices.ContainsFunc(artefactsBelow(t, a.dir), func(other artefact) bool { return strings.HasPrefix(other.path, "lima/") })
}

// consumeStateSSHConfig asks OpenSSH what the config makes of the file that the
// scripts of the runner qemu write at each start: here, as they write it.
func consumeStateSSHConfig(t *testing.T, a artefact) {
	ssh := tooltest.Need(t, "ssh")
	home := t.TempDir()
	name := filepath.Base(a.dir)
	state := filepath.Join(home, ".local/state/vmloom", name)
	must(t, os.MkdirAll(state, 0o700))
	file := filepath.Join(home, "config")
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(a.data, " ~/", " "+home+"/")), 0o600))
	// Before the VM's first start other hosts must be reached all the same.
	checkSSH(t, ssh, file, "example.org", map[string]string{"hostname": "example.org", "port": "22", "stricthostkeychecking": "ask"})

	create, err := os.ReadFile(filepath.Join(a.dir, "scripts", name+"-create.sh"))
	must(t, err)
	_, text, _ := strings.Cut(string(create), "<<CONFIG\n")
	text, _, found := strings.Cut(text, "CONFIG\n")
	if !found {
		t.Fatal("the create script writes no ssh.config")
	}
	text = strings.NewReplacer("$name", name, "$port", "20022", "$path", state).Replace(text)
	must(t, os.WriteFile(filepath.Join(state, "ssh.config"), []byte(text), 0o600))
	checkSSH(t, ssh, file, name, map[string]string{
		"hostname": "127.0.0.1", "port": "20022", "identityfile": state + "/id_ed25519", "identitiesonly": "yes",
		"userknownhostsfile": state + "/known_hosts", "hostkeyalias": "vmloom-" + name, "stricthostkeychecking": "accept-new",
		"serveraliveinterval": "15",
	})
	checkSSH(t, ssh, file, "example.org", map[string]string{"hostname": "example.org", "port": "22", "serveraliveinterval": "0"})
}
