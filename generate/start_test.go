package generate

import (
	"testing"

	"vmloom/engine"
	"vmloom/profile"
)

func TestStartsFrom(t *testing.T) {
	const (
		released = "guest: {system: nixos}\n"
		own      = "guest: {system: nixos}\nnix: {base: own}\n"
		debian   = "guest: {system: debian, release: \"13\"}\n"
		guix     = "guest: {system: guix}\n"
	)
	for _, c := range []struct {
		profile, record string // the engine that made the record; empty: there is none
		want            Origin
		built           bool
	}{
		{released, "", FromReleased, false},
		{released, "nix", FromReleased, false}, // left over from base: own
		{own, "", FromOwn, false},
		{own, "nix", FromOwn, true},
		{own, "limactl", FromOwn, false}, // left over from a Debian
		{debian, "", FromLima, false},
		{debian, "limactl", FromOwn, true},
		{debian, "guix", FromLima, false}, // left over from a Guix System
		{guix, "", FromGuix, false},
		{guix, "guix", FromOwn, true},
		{guix, "limactl", FromGuix, false},
	} {
		p, err := profile.Load("vm.yaml", []byte("version: 1\nname: vm\nhost: {os: linux, user: ada}\n"+c.profile))
		if err != nil {
			t.Fatal(err)
		}
		var record *engine.Record
		if c.record != "" {
			record = &engine.Record{Engine: c.record, File: engine.ImageFile(p)}
		}
		got := StartsFrom(p, record)
		if got.Origin != c.want || (got.Record != nil) != c.built || (got.Image != "") != (c.want == FromOwn) {
			t.Errorf("%swith a record of %q: %+v, want %s", c.profile, c.record, got, c.want)
		}
	}
}
