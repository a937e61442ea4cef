package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v4"

	"vmloom/internal/tooltest"
)

// cloudProfile is of a guest that Lima would start: what its scripts do to a Debian is tried in the one that runs. Its
// proxy is the test's, by which the guest has all of its packages.
const cloudProfile = `version: 1
name: cloud
host: {os: linux}
guest:
  system: debian
  release: "12"
  arch: x86_64
  hostname: image
  user: {name: dev, uid: 1000, home: /home/dev}
  containers: docker
  groups: [video, it-s_odd]
  setup: {once: [./once.sh], boot: ["./it's boot.sh"], user: [./user.sh]}
  caCerts: ["./it's ours.pem"]
  env: {GREETING: "it's $HOME"}
  proxy: {http: "http://10.0.2.2:$PROXY", noProxy: [.example.net]}
resources: {cpus: 2}
sockets: [{name: gpg, from: gpg-agent, host: ~/agent}]
`

// cloudUnits run what cloud-init runs for Lima at each boot, in the stead of both.
const cloudUnits = `for stage in boot system; do
  order='Before=ssh.service'
  [ $stage = boot ] || order='After=ssh.service network-online.target'
  printf '%s\n' [Unit] After=vmloom.service "$order" [Service] Type=oneshot RemainAfterExit=yes "ExecStart=/bin/sh /mnt/work/cloud/$stage.sh" [Install] WantedBy=multi-user.target |
    sudo tee /etc/systemd/system/lima-$stage.service >/dev/null
done
sudo systemctl enable lima-boot lima-system
sudo mkdir -p /mnt/lima-cidata
printf '%s\n' '#LIMA-START' '#LIMA-END' | sudo tee -a /etc/environment
echo 'deb [trusted=yes] http://packages.example.org/debian ./' | sudo tee /etc/apt/sources.list
sudo rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*mmdebstrap`

// cloud is the profile's guest in that of the VM.
type cloud struct {
	vm     // by its own scripts and limactl
	proxy  *guestProxy
	ours   *guestTLS // whose certificate the profile has
	others *guestTLS
}

// vmCloud has the guest become that of a profile for Lima, as apply has it while it runs.
func vmCloud(t *testing.T, v *vm) {
	c := v.cloud
	if out, _ := v.do("ssh", "sh", "-c", "systemctl --user is-active gpg-agent.socket; "+c.ours.asked()+" >/dev/null 2>&1 || echo refused"); out != "active\nrefused\n" {
		t.Errorf("before: %q: that the one goes and the other comes tells nothing", out)
	}
	v.do("ssh", "sh", "-c", cloudUnits+"\nsudo sh /mnt/work/cloud/provision.sh")
	if want := "http://packages.example.org/debian/docker.io.deb"; !slices.Contains(c.proxy.asked(), want) {
		t.Errorf("the proxy was asked for %q, and not for %s", c.proxy.asked(), want)
	}
	c.keeps(t, v, 1)
}

// vmCloudBoot finds it after a boot, at which Lima's scripts have run.
func vmCloudBoot(t *testing.T, v *vm) {
	c := v.cloud
	if out, said, status := v.try("ssh", "sudo", "systemctl", "start", "lima-boot", "lima-system"); status != 0 {
		log, _, _ := v.try("ssh", "sudo", "journalctl", "-b", "-u", "lima-*", "--no-pager")
		t.Fatalf("the scripts failed: %s%s%s", out, said, log)
	}
	c.keeps(t, v, 2, promise{
		"systemctl --user is-enabled gpg-agent.socket; systemctl --user is-active gpg-agent.socket; stat -c '%a %U' /run/user/1000/gnupg; ls -A /run/user/1000/gnupg",
		"masked-runtime\ninactive\n700 dev\n",
	})
	if by := c.verified("--only", "user/groups"); !slices.Equal(by["ok"], []string{"user/groups"}) {
		t.Errorf("groups: %q", by)
	}
}

// promise is what a line of sh says in the guest.
type promise struct{ line, says string }

// keeps asks the guest and verify for each promise, after so many runs of its scripts.
func (c *cloud) keeps(t *testing.T, v *vm, runs int, more ...promise) {
	t.Helper()
	proxy := "http://10.0.2.2:" + c.proxy.port
	promises := append([]promise{
		{"cat /var/tmp/ran.once", "root\n"},
		{"cat /var/tmp/ran.boot", strings.Repeat("root it's\n", runs)},
		{"cat /var/tmp/ran.user", strings.Repeat("dev /home/dev /run/user/1000 "+proxy+"\n", runs)},
		{`sudo -u nobody sh -c "` + c.ours.asked() + `" >/dev/null 2>&1 && echo trusted`, "trusted\n"},
		{c.others.asked() + " >/dev/null 2>&1 || echo refused", "refused\n"},
		{"id -nG dev | tr ' ' '\n' | sort | tr '\n' ' '", "dev docker it-s_odd video "},
		{"stat -c '%U %G %a' /run/docker.sock; docker version --format '{{.Server.Version}}'", "dev docker 660\n20.10.24+dfsg1\n"},
		{"sudo -u nobody docker version --format '{{.Server.Version}}' 2>/dev/null || echo closed", "closed\n"},
		{`echo "$http_proxy $HTTPS_PROXY $no_proxy"`, proxy + " " + proxy + " localhost,127.0.0.1,::1,image,.example.net\n"},
		{`env -i sh -lc 'echo "$https_proxy $GREETING"'`, proxy + " it's $HOME\n"},
		{`sudo sh -c 'echo "$http_proxy $NO_PROXY"'`, proxy + " localhost,127.0.0.1,::1,image,.example.net\n"},
		{`env -i sudo -i sh -c 'echo "$http_proxy"'`, proxy + "\n"},
		{`sudo cat /proc/$(systemctl show -P MainPID docker)/environ | tr '\0' '\n' | grep -i _proxy= | sort | head -n 2`, "HTTPS_PROXY=" + proxy + "\nHTTP_PROXY=" + proxy + "\n"},
		{`apt-config dump Acquire::http::Proxy; apt-config dump Acquire::https::Proxy`, fmt.Sprintf("Acquire::http::Proxy %q;\nAcquire::https::Proxy %q;\n", proxy, proxy)},
	}, more...)
	const end = "== end\n"
	all := ""
	for _, p := range promises {
		all += "(" + p.line + ") 2>&1\nprintf '" + strings.TrimSpace(end) + "\\n'\n"
	}
	out, _ := v.do("ssh", "sh", "-c", all)
	got := strings.Split(out, end)
	for i, p := range promises {
		if i >= len(got) || got[i] != p.says {
			t.Errorf("%s\n got %q\nwant %q", p.line, got[min(i, len(got)-1)], p.says)
		}
	}
	c.t = t
	by := c.verified("--only", "guest")
	for _, id := range []string{"guest/setup", "guest/certificates", "guest/containers", "guest/proxy"} {
		if !slices.Contains(by["ok"], id) {
			t.Errorf("%s is not ok: %q", id, by)
		}
	}
}

func newCloud(t *testing.T, v *vm) *cloud {
	t.Helper()
	dir := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(v.state))), "cloud")
	share := filepath.Join(filepath.Dir(dir), "share/cloud")
	c := &cloud{vm: *v, proxy: newGuestProxy(t), ours: newGuestTLS(t), others: newGuestTLS(t)}
	for name, text := range map[string]string{
		"vmloom.yaml":   strings.ReplaceAll(cloudProfile, "$PROXY", c.proxy.port),
		"it's ours.pem": c.ours.ca,
		"once.sh":       "#!/bin/sh\nid -un >>/var/tmp/ran.once\n",
		"it's boot.sh":  "#!/bin/sh\necho \"$(id -un) it's\" >>/var/tmp/ran.boot\n",
		"user.sh":       "#!/bin/sh\necho \"$(id -un) $HOME $XDG_RUNTIME_DIR $http_proxy\" >>/var/tmp/ran.user\n",
	} {
		writeFile(t, filepath.Join(dir, name), text)
	}
	generated := filepath.Join(dir, "generated/cloud")
	c.name, c.scripts, c.as = "cloud", filepath.Join(generated, "scripts"), nil
	if _, said, status := c.vmloom("gen"); status != 0 {
		t.Fatal(said)
	}
	c.standIn(dir, v)

	data, err := os.ReadFile(filepath.Join(generated, "lima/cloud.yaml"))
	must(t, err)
	var instance struct {
		Provision []struct{ Mode, Script string }
	}
	must(t, yaml.Unmarshal(data, &instance))
	for _, p := range instance.Provision {
		script, err := template.New(p.Mode).Parse(p.Script) // as Lima takes each
		must(t, err)
		var text bytes.Buffer
		must(t, script.Execute(&text, map[string]string{"User": "dev", "UID": "1000"}))
		writeFile(t, filepath.Join(share, p.Mode+".sh"), text.String())
	}
	provision, err := os.ReadFile(filepath.Join(generated, "guest/provision.sh"))
	must(t, err)
	writeFile(t, filepath.Join(share, "provision.sh"), string(provision))
	return c
}

// standIn has limactl know an instance that runs, and open shells in the VM.
func (c *cloud) standIn(dir string, v *vm) {
	bin := filepath.Join(dir, "bin")
	must(c.t, os.MkdirAll(filepath.Join(bin, "fake"), 0o755))
	must(c.t, tooltest.Fake(filepath.Join(bin, "fake"), fakes(), "limactl"))
	must(c.t, os.WriteFile(filepath.Join(bin, "limactl"), []byte(`#!/bin/sh
[ "$1" = shell ] || exec '`+bin+`/fake/limactl' "$@"
shift 4 # shell --workdir / INSTANCE
exec dash '`+filepath.Join(v.scripts, v.name+"-ssh.sh")+`' bash -lc 'cd /; exec "$@"' bash "$@"
`), 0o755))
	c.env = append(slices.Clone(v.env), "LIMA_HOME="+filepath.Join(dir, "lima"), "PATH="+bin+":"+os.Getenv("PATH"))
	for _, words := range [][]string{{"create", "--name=cloud", filepath.Join(c.scripts, "../lima/cloud.yaml")}, {"start", "cloud"}} {
		cmd := exec.Command(filepath.Join(bin, "limactl"), words...)
		cmd.Env = c.env
		if out, err := cmd.CombinedOutput(); err != nil {
			c.t.Fatalf("%q: %v\n%s", words, err, out)
		}
	}
}

// makePackage makes the stand-in for Docker a package of Debian's, and the list that apt finds it in.
func makePackage(t *testing.T) (list, deb string) {
	t.Helper()
	tooltest.Need(t, "dpkg-deb")
	root := t.TempDir()
	must(t, os.Chmod(root, 0o755))
	for _, f := range []struct {
		name, dir string
		mode      os.FileMode
	}{
		{"control", "DEBIAN", 0o644}, {"postinst", "DEBIAN", 0o755},
		{"docker.service", "lib/systemd/system", 0o644}, {"docker.socket", "lib/systemd/system", 0o644}, {"dockerd", "usr/sbin", 0o755}, {"docker", "usr/bin", 0o755},
	} {
		data, err := os.ReadFile(filepath.Join("../../testdata/image/docker.io", f.name))
		must(t, err)
		writeFile(t, filepath.Join(root, f.dir, f.name), string(data))
		must(t, os.Chmod(filepath.Join(root, f.dir, f.name), f.mode))
	}
	file := filepath.Join(t.TempDir(), "docker.io.deb")
	runHost(t, "dpkg-deb", "--root-owner-group", "--build", root, file)
	made, err := os.ReadFile(file)
	must(t, err)
	control, err := os.ReadFile(filepath.Join(root, "DEBIAN/control"))
	must(t, err)
	return fmt.Sprintf("%sFilename: docker.io.deb\nSize: %d\nSHA256: %x\n", control, len(made), sha256.Sum256(made)), string(made)
}
