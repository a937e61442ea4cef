package adopt

import (
	"slices"
	"testing"

	"vmloom/profile"
)

// TestPackagesOf: a name that the map has, and check refuses for this guest, stays one by hand.
func TestPackagesOf(t *testing.T) {
	for release, want := range map[string][]profile.Package{
		"12": {{Name: "git"}, {Apt: "eza"}, {Name: "clang-tools"}, {Apt: "zebra"}},
		"13": {{Name: "git"}, {Name: "eza"}, {Name: "clang-tools"}, {Apt: "zebra"}},
	} {
		p := &profile.Profile{Guest: profile.Guest{System: "debian", Release: release, Arch: "x86_64", User: profile.User{Shell: "zsh"}}}
		if got := packagesOf(p, []string{"git", "eza", "clang-tools", "zsh", "zebra"}); !slices.Equal(got, want) {
			t.Errorf("debian %s: %v, want %v", release, got, want)
		}
	}
}
