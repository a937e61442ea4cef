package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestParsePlace: an address that ssh would take for an option is none, whatever is around it.
func TestParsePlace(t *testing.T) {
	for _, good := range []string{"auto", "local", "ssh://big", "ssh://ada@big.example:2222", "ssh://ada@[fe80::1%eth0]:22", "ssh://[::1]", "lima:default"} {
		p, err := ParsePlace(good)
		if err != nil || p.String() != good {
			t.Errorf("%s: %v, %v", good, p, err)
		}
	}
	for _, bad := range []string{
		"", "mars", "LOCAL", "ssh://", "ssh:///", "ssh://-oProxyCommand=x", "ssh://[-oProxyCommand=x]", "ssh://[-oProxyCommand=x]:22",
		"ssh://[[-x]]", "ssh://a b", "ssh://a\nb", "ssh://host/path", "lima:", "lima:--help",
	} {
		if p, err := ParsePlace(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, p)
		}
	}
}

// TestShellOfIPv6: ssh wants the address without brackets, a user before it or not.
func TestShellOfIPv6(t *testing.T) {
	for on, want := range map[string]string{"ssh://[::1]": "::1", "ssh://ada@[::1]:22": "ada@::1", "ssh://ada@big:22": "ada@big"} {
		p, err := ParsePlace(on)
		if err != nil {
			t.Fatal(err)
		}
		args, err := p.shell("true")
		if err != nil || args[len(args)-2] != want {
			t.Errorf("%s: %q, %v", on, args, err)
		}
	}
}

// TestImagesDisk: images/ may be a link to another disk, whose space counts then.
func TestImagesDisk(t *testing.T) {
	j := &Job{Base: t.TempDir()}
	if got := j.imagesDisk(); got != j.Base {
		t.Errorf("got %s", got)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(j.Base, ImagesDir)); err != nil {
		t.Fatal(err)
	}
	if got := j.imagesDisk(); !strings.HasSuffix(got, "/"+ImagesDir) {
		t.Errorf("got %s", got)
	}
}
