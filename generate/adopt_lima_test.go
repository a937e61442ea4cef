package generate_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"vmloom/adopt"
)

// TestAdoptFilled: the real limactl, which VMLOOM_LIMACTL names, fills what others wrote and what
// its profile makes of it; each value that differs then has its reason. A value that is taken away
// behind the comparison's back is found.
func TestAdoptFilled(t *testing.T) {
	files, err := filepath.Glob("../testdata/adopt/*.yaml")
	more, _ := filepath.Glob("../../shared/cases/adopt/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(err, files)
	}
	if stock := os.Getenv("VMLOOM_LIMA_TEMPLATES"); stock != "" { // a directory of Lima's own
		for _, folder := range []string{"", "experimental"} {
			own, _ := filepath.Glob(filepath.Join(stock, folder, "*.yaml"))
			more = append(more, own...)
		}
	}
	host := limactlHost(t)
	compared := 0
	for _, file := range append(files, more...) {
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		in := adopt.Input{Lima: adopt.File{Name: file, Data: old}, Instance: "default", Read: os.ReadFile, Secrets: true, Host: host}
		var no *adopt.Refusal
		if a, err := adopt.Read(in); errors.As(err, &no) || err == nil && a.Host().OS != "linux" {
			continue
		}
		a, _, text, template, ds := adopted(t, in)
		before, err := limactlFill(t, old)
		if err != nil {
			t.Logf("%s: limactl: %v", file, err)
			continue
		}
		after, err := limactlFill(t, template)
		if err != nil {
			t.Errorf("%s: limactl refuses what the profile makes: %v\n%s", file, err, template)
			continue
		}
		left, values, err := a.CompareFilled(before, after, ds)
		if err != nil || values < 40 {
			t.Errorf("%s: %d values, %v", file, values, err)
		}
		for _, d := range left {
			t.Errorf("%s: %s: %s -> %s", file, d.Path, d.Old, d.New)
		}
		if len(left) > 0 {
			t.Logf("%s", text)
		}
		compared++
		lost := strings.Replace(string(after), "propagateProxyEnv: true", "propagateProxyEnv: false", 1)
		if left, _, err := a.CompareFilled(before, []byte(lost), ds); err != nil || len(left) == 0 {
			t.Errorf("%s: a value that was changed is not found: %v", file, err)
		}
	}
	t.Logf("%d templates compared", compared)
	if compared < 2 {
		t.Errorf("only %d templates were compared", compared)
	}
}

// limactlHost is this machine as the user of limactl sees it.
func limactlHost(t *testing.T) adopt.Host {
	t.Helper()
	u, err := limactlUser()
	if err != nil {
		t.Skip("SKIPPED: no user for limactl: ", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	return adopt.Host{OS: "linux", Arch: arch, User: u.Username, Home: u.HomeDir, UID: uid}
}
