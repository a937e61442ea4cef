package generate_test

import (
	"os/exec"
	"strings"
	"testing"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestDownloads: a script that makes a VM downloads an image of ours that the lock has an address for, of each
// processor, by an address that is data.
func TestDownloads(t *testing.T) {
	shellcheck := tooltest.Need(t, "shellcheck")
	const address, sum = "https://example.org/a$(false)&b;c*", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, text := range map[string]string{
		"lima":         "guest: {system: nixos, arch: x86_64, user: {name: ada}}\nnix: {base: own}\n",
		"lima, either": "guest: {system: nixos, arch: host, user: {name: ada}}\nnix: {base: own}\n",
		"qemu":         "guest: {system: guix, arch: x86_64, user: {name: ada}}\n",
		"qemu, either": "guest: {system: guix, arch: host, user: {name: ada}}\n",
	} {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: vm\nhost: {os: linux, user: ada}\n"+text))
		must(t, err)
		images := engine.Images{}
		for _, arch := range p.Guest.Arches()[:1] {
			one := p.OnArch(arch)
			images[arch] = engine.Record{File: engine.ImageFile(one), SHA256: sum, Engine: engine.NameFor(one), URL: address}
		}
		files, err := generate.Files(p, images)
		must(t, err)
		for _, f := range files {
			if f.Path != "scripts/vm-create.sh" && f.Path != "scripts/vm-rebuild.sh" {
				continue
			}
			script := string(f.Data)
			if strings.Count(script, "fetch_image() {") != 1 || strings.Count(script, "fetch_image \"") != 1 || !strings.Contains(script, "'"+address+"'") || !strings.Contains(script, sum) {
				t.Errorf("%s: %s: downloads nothing, or not so:\n%s", name, f.Path, script)
			}
			check := exec.Command(shellcheck, "-S", "warning", "-e", "SC2034", "-")
			check.Stdin = strings.NewReader(script)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", name, f.Path, err, out)
			}
		}
	}
}
