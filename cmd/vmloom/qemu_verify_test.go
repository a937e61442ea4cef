package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// vmloom runs the program as a user would.
func (v *vm) vmloom(args ...string) (stdout, stderr string, status int) {
	v.t.Helper()
	cmd := v.program("vmloom", append(args, filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(v.scripts))), "vmloom.yaml"))...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	cmd.Run()
	v.t.Logf("vmloom %s: %.1f s", strings.Join(args, " "), time.Since(began).Seconds())
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// verified are the IDs of a run of verify, by their status.
func (v *vm) verified(args ...string) map[string][]string {
	v.t.Helper()
	out, said, _ := v.vmloom(append([]string{"verify", "--json"}, args...)...)
	var doc struct{ Checks []checkJSON }
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		v.t.Fatalf("%v\n%s%s", err, out, said)
	}
	by := map[string][]string{}
	for _, c := range doc.Checks {
		by[string(c.Status)] = append(by[string(c.Status)], c.ID)
		if c.Status != "ok" {
			v.t.Logf("%s %s: %s", c.Status, c.ID, c.Seen)
		}
	}
	return by
}

// stateIs asks status.
func (v *vm) stateIs(want string) {
	v.t.Helper()
	out, said, _ := v.vmloom("status")
	if first, _, _ := strings.Cut(out, "\n"); first != v.name+": "+want {
		v.t.Errorf("status: %s, want %s\n%s", first, want, said)
	}
}

// vmVerify: the VM keeps the promises that an image of another system can keep, and
// verify sees the others. A forward that dies is seen, and again when it was repaired.
func vmVerify(t *testing.T, v *vm) {
	v.stateIs("running")
	// The image is a Debian, with its own name; ssh looks into the home of the tests' user,
	// and no unit is installed. Where there is no systemd for the user, that one gives no answer.
	strange := []string{"access/ssh", "guest/system", "guest/hostname", "repair/installed"}
	units := []string{"repair/enabled", "repair/active"}
	by := v.verified()
	failed, unknown := by["failed"], by["unknown"]
	if len(unknown) == 0 {
		strange, units = append(strange, units...), nil
	}
	if !slices.Equal(failed, strange) || !slices.Equal(unknown, units) || len(by["skipped"]) > 0 || len(by["ok"]) < 20 {
		t.Errorf("failed %q, want %q; unknown %q; skipped %q; ok %q", failed, strange, unknown, by["skipped"], by["ok"])
	}
	for pid, words := range v.processes() {
		if strings.HasPrefix(words, "ssh ") {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	if by := v.verified("--only", "socket/echo"); !slices.Contains(by["failed"], "socket/echo/there") {
		t.Errorf("the forward is dead: %q", by)
	}
	v.do("repair")
	if by := v.verified("--only", "socket"); len(by["ok"]) != 6 || len(by["failed"]) > 0 {
		t.Errorf("the forwards are recreated: %q", by)
	}
	if by := v.verified("--restart", "--only", "restart"); len(by["ok"]) != 5 || len(by["failed"]) > 0 {
		t.Errorf("restart: %q", by)
	}
	v.offers("the VM was restarted")
	if out, _ := v.do("ssh", "sh", "-c", "ls -A /home/dev /mnt/work /mnt/other"); strings.Contains(out, "-verify-") {
		t.Errorf("left behind: %s", out)
	}
}
