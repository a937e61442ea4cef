package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// withFaults does a step, unless the environment wants it to fail or to be cut off.
func (l *limactl) withFaults(name string, flags map[string]string, do func() error) error {
	step := strings.ReplaceAll(name, " ", "-")
	if name == "stop" && flags["force"] != "" {
		step = "stop-f"
	}
	switch wanted := l.env("FAKE_LIMACTL_KILL"); wanted {
	case "before:" + step, "amid:" + step:
		if strings.HasPrefix(wanted, "amid") {
			l.halfDone(step)
		}
		killParent()
	case "after:" + step:
		do()
		killParent()
	}
	if kind := l.fails(step); kind != "" {
		return l.fault(step, kind)
	}
	return do()
}

func killParent() {
	syscall.Kill(os.Getppid(), syscall.SIGKILL)
	os.Exit(1)
}

// fails counts the calls of a step and says how this one fails; "" where it does not.
func (l *limactl) fails(step string) string {
	calls := filepath.Join(l.home, "_fake", step)
	if l.env("FAKE_LIMACTL_FAIL") == "" {
		os.Remove(calls)
		return ""
	}
	os.MkdirAll(filepath.Dir(calls), 0o777)
	before, _ := os.ReadFile(calls)
	os.WriteFile(calls, append(before, '.'), 0o666)
	for _, word := range strings.Fields(l.env("FAKE_LIMACTL_FAIL")) {
		name, nth, counted := strings.Cut(word, ":")
		name, kind, _ := strings.Cut(name, "=")
		if name == step && (!counted || nth == strconv.Itoa(len(before)+1)) {
			return orElse(kind, "fails")
		}
	}
	return ""
}

// fault is what the real one says when a step fails.
func (l *limactl) fault(step, kind string) error {
	switch step + "=" + kind {
	case "create=fails":
		l.log("info", "Terminal is not available, proceeding without opening an editor")
		l.log("info", "Attempting to download the image", "arch", "x86_64", "digest", "", "location", "https://cloud.example.invalid/x.img")
		return fmt.Errorf("failed to download `https://cloud.example.invalid/x.img`: Get \"https://cloud.example.invalid/x.img\": dial tcp: lookup cloud.example.invalid: no such host")
	case "start=fails": // the lock on the home's disk stays
		for _, in := range l.instances() {
			l.lock(in)
		}
		return fmt.Errorf("exiting, status={Running:false Degraded:false Exiting:true Errors:[] SSHLocalPort:0 CloudInitProgress:<nil> PortForward:<nil> Vsock:<nil>} (hint: see `%s`)", filepath.Join(l.home, "…", "ha.stderr.log"))
	case "start=timeout": // the VM goes on booting
		for _, in := range l.instances() {
			l.run(in)
			os.Remove(filepath.Join(in.Dir, "ha.stdout.log"))
		}
		return fmt.Errorf("did not receive an event with the `running` status")
	case "start=deaf": // it boots, and nobody reaches it
		for _, in := range l.instances() {
			l.run(in)
			os.Remove(filepath.Join(in.Dir, "ha.stdout.log"))
			os.WriteFile(filepath.Join(in.Dir, "fake-ssh", "down"), nil, 0o666)
		}
		return fmt.Errorf("did not receive an event with the `running` status")
	case "stop=fails":
		return fmt.Errorf("timed out waiting for instance to shut down after 3 minutes")
	case "shell=fails":
		fmt.Fprintln(l.err, "kex_exchange_identification: Connection closed by remote host")
		return fakeExit(255)
	case "list=fails":
		fmt.Fprintln(l.err, "limactl: must not run as the root user")
		return fakeExit(1)
	}
	if kind == "hang" {
		return l.hang()
	}
	if status, ok := say(kind, "limactl/build.txtar", l.out, l.err); ok {
		return fakeExit(status)
	}
	return fmt.Errorf("%s: %s", step, kind)
}
