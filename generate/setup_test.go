package generate_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestSetup runs what a guest runs for guest.setup and guest.caCerts, in a directory that stands for it: a script runs once
// by what is in it, one that failed again, each gets no input, and certificates come and go.
func TestSetup(t *testing.T) {
	sh := tooltest.Need(t, "dash")
	root := t.TempDir()
	ca, err := os.ReadFile("../testdata/golden/guix-linux/it's/ca.pem")
	must(t, err)
	writeFile(t, root+"/bin/update-ca-certificates", "#!/bin/sh\necho trusted\n")
	writeFile(t, root+"/bin/id", "#!/bin/sh\necho 1000\n")
	for _, name := range []string{"update-ca-certificates", "id"} {
		must(t, os.Chmod(filepath.Join(root, "bin", name), 0o755))
	}
	files := map[string]string{"it's ours.pem": "# ours\n" + string(ca) + string(ca)}
	boot := func(lists string) string {
		t.Helper()
		read := func(file string) ([]byte, error) {
			if text, ok := files[file]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}
		p, err := profile.Layers{Read: read}.Load("vmloom.yaml", []byte("version: 1\nname: a\nhost: {os: linux}\nguest: {system: debian, release: '13', user: {name: me}"+lists+"}\n"))
		must(t, err)
		script := provisionOf(t, p)
		_, certificates, has := strings.Cut(script, "\n# Certificates of the profile")
		certificates, _, _ = strings.Cut(certificates, "\ninstalled()")
		certificates, _, _ = strings.Cut(certificates, "\n# What Lima and cloud-init do")
		if !has {
			_, rest, _ := strings.Cut(script, "\nif [ -e /usr/local/share/ca-certificates")
			rest, _, _ = strings.Cut(rest, "\nfi\n")
			certificates = "\nif [ -e /usr/local/share/ca-certificates" + rest + "\nfi\n"
		}
		_, setup, _ := strings.Cut(script, "\n# Your own scripts, of guest.setup.")
		text := "set -eu\nsudo() { while :; do case $1 in -*|XDG_*|me) shift ;; *) break ;; esac; done; echo as me; \"$@\"; }\n#" + certificates + "#" + setup
		for _, dir := range []string{"/usr/local/share/ca-certificates", "/run/vmloom-ca", profile.SetupDir} {
			text = strings.ReplaceAll(text, dir, root+dir)
		}
		must(t, os.MkdirAll(root+"/usr/local/share/ca-certificates", 0o755))
		cmd := exec.Command(sh, "-c", text)
		cmd.Env = append(os.Environ(), "PATH="+root+"/bin:"+os.Getenv("PATH"))
		cmd.Stdin = strings.NewReader("input")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + "failed\n"
		}
		return string(out)
	}
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
	files["o.sh"], files["b.sh"], files["u.sh"] = "#!/bin/sh\necho \"once it's $(cat)\"\n", "#!/bin/sh\necho boot\n", "#!/bin/sh\necho user"
	const all = ", setup: {once: [./o.sh], boot: [./b.sh], user: [./u.sh]}"
	want(boot(all), "once it's \nboot\nas me\nuser\n")
	want(boot(all), "boot\nas me\nuser\n")
	for _, s := range []profile.SetupScript{{When: "once", File: "./o.sh"}, {When: "boot", File: "./b.sh"}, {When: "user", File: "./u.sh"}} {
		if _, err := os.Stat(filepath.Join(root, profile.SetupDir, s.Key())); err != nil {
			t.Errorf("where verify looks: %v", err)
		}
	}
	files["o.sh"], files["b.sh"] = "#!/bin/sh\necho twice\n", "#!/bin/sh\nexit 3\n"
	want(boot(all), "twice\nvmloom: ./b.sh of guest.setup.boot has failed\nas me\nuser\nfailed\n")
	left, err := filepath.Glob(root + profile.SetupDir + "/*.new")
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v %v", left, err)
	}
	files["b.sh"] = "#!/bin/sh\necho boots\n"
	want(boot(all), "boots\nas me\nuser\n")
	const certificates = `, caCerts: ["./it's ours.pem"]`
	want(boot(certificates), "trusted\n")
	want(boot(certificates), "")
	if got, err := os.ReadFile(root + "/usr/local/share/ca-certificates/vmloom-2.crt"); err != nil || string(got) != string(ca) {
		t.Errorf("%v: %s", err, got)
	}
	want(boot(""), "trusted\n")
	if left, _ := filepath.Glob(root + "/usr/local/share/ca-certificates/*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// provisionOf is the script by which a guest that runs gets what has changed.
func provisionOf(t *testing.T, p *profile.Profile) string {
	t.Helper()
	made, err := generate.Files(p, nil)
	must(t, err)
	for _, f := range made {
		if f.Path == "guest/provision.sh" {
			return string(f.Data)
		}
	}
	t.Fatal("no guest/provision.sh")
	return ""
}
