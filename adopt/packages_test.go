package adopt

import (
	"slices"
	"testing"
)

// TestPackagesOf: a name that the map has, and check refuses for this guest, stays one by hand.
func TestPackagesOf(t *testing.T) {
	for release, want := range map[string][]pkg{
		"12": {{name: "git"}, {own: "eza"}, {name: "clang-tools"}, {own: "zebra"}},
		"13": {{name: "git"}, {name: "eza"}, {name: "clang-tools"}, {own: "zebra"}},
	} {
		d := draft{system: "debian", release: release, arch: "x86_64"}
		d.user.shell = "zsh"
		if got := d.packagesOf([]string{"git", "eza", "clang-tools", "zsh", "zebra"}); !slices.Equal(got, want) {
			t.Errorf("debian %s: %v, want %v", release, got, want)
		}
	}
}
