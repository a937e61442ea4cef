package verify

import (
	"testing"

	"vmloom/profile"
)

// TestGenerationsOfUnknownSize: what of the store old generations hold, nobody has asked.
func TestGenerationsOfUnknownSize(t *testing.T) {
	for _, system := range []string{"nixos", "guix"} {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada}\nguest: {system: "+system+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		said := answered("vmloom system=/dev/vda1 50000000 30000000 20000000 60% /\nvmloom count0=3\n")
		if got, want := judged(t, p, "space/system", said), "ok 19 GiB free, 60% used; may go: 3 old generations of unknown size"; got != want {
			t.Errorf("%s: %s, want %s", system, got, want)
		}
	}
}
