package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"vmloom/atomic"
	"vmloom/host"
	"vmloom/lima"
	"vmloom/ownership"
	"vmloom/process"
)

// straight is the command by which limactl shell would reach a VM of Lima's that runs, without its start and without
// asking limactl for what its files tell; no words where that is less than certain, and the script must look. The connection is
// that of Lima's own, which every ssh shares, and is never ended.
func (v *machine) straight(layout host.Layout, words []string) (c process.Cmd) {
	if v.setup == nil || !v.UnderLima() {
		return c
	}
	home, instance := limaDir(layout), v.Lima.Instance
	dir := filepath.Join(home, instance)
	owner, err := ownership.Of(v.path, v.Name)
	if err != nil || !connected(dir) {
		return c
	}
	if whose, _, err := owner.Whose(filepath.Join(dir, ownership.MarkName), instance); err != nil || whose != ownership.Ours {
		return c
	}
	for _, more := range []string{"default.yaml", "override.yaml"} { // what all instances have besides
		if there(filepath.Join(home, "_config", more)) {
			return c
		}
	}
	template, err := atomic.Read(filepath.Join(dir, lima.Template), atomic.Most)
	here, errHere := os.Getwd()
	line, ok := lima.Shell(template, here, layout.Home, resolved, words)
	if ssh, errSSH := exec.LookPath("ssh"); ok && err == nil && errHere == nil && errSSH == nil {
		c.Args = []string{ssh, "-F", filepath.Join(dir, lima.SSHConfig), "-o", "LogLevel=ERROR"}
		if isTerminal(os.Stdout) {
			c.Args = append(c.Args, "-t")
		}
		if _, colours := os.LookupEnv("COLORTERM"); colours {
			c.Args = append(c.Args, "-o", "SendEnv=COLORTERM")
		}
		c.Args = append(c.Args, v.SSHAlias(), line)
	}
	return c
}

// connected reports whether the agent of an instance lives, and takes connections into the guest.
func connected(dir string) bool {
	text, err := atomic.Read(filepath.Join(dir, lima.AgentPID), atomic.Most)
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 1 || syscall.Kill(pid, 0) != nil {
		return false
	}
	c, err := net.Dial("unix", filepath.Join(dir, lima.ControlSocket))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// resolved is a path with its links followed, where it leads somewhere.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
