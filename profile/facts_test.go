package profile

import (
	"slices"
	"strings"
	"testing"
)

// What the tables say of the world outside is written down here a second time, so that
// an entry that is lost or changed does not pass for what was meant.

// TestSystemDirectories: none of them may be mounted over.
func TestSystemDirectories(t *testing.T) {
	for dir := range strings.FieldsSeq("/ /bin /boot /dev /etc /gnu /home /lib /lib64 /mnt /nix /opt /proc /root /run /sbin /sys /tmp /usr /var") {
		_, err := Load("vmloom.yaml", []byte(with("mounts: [{host: /a, guest: "+dir+"}]")))
		if err == nil || !strings.Contains(err.Error(), "mounts[0].guest: "+dir+" is ") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// TestEndedReleases: these get no updates for nothing any more, as of November 2026.
func TestEndedReleases(t *testing.T) {
	var ended []string
	for _, s := range Systems() {
		for _, r := range s.Releases {
			if r.Ended != "" {
				ended = append(ended, s.Name+" "+r.Name)
			}
		}
	}
	slices.Sort(ended)
	if want := "debian 11, fedora 41, fedora 42, ubuntu 20.04, ubuntu 24.10, ubuntu 25.04, ubuntu 25.10"; strings.Join(ended, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(ended, ", "), want)
	}
}
