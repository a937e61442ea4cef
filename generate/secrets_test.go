package generate

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"vmloom/profile"
)

// TestSecretFiles: what holds a secret is its owner's alone, on disk too.
func TestSecretFiles(t *testing.T) {
	for secret, public := range map[string]bool{"ghp_0123456789abcdefghijABCDEFGHIJ012345": true, "!.:-%/+?!.:-": false} {
		p, err := profile.Load("vmloom.yaml", []byte(`version: 1
name: a
host: {os: linux, user: u}
guest: {system: debian, release: "13", user: {name: dev}, env: {GITHUB_TOKEN: "`+secret+`"}}
sockets: [{name: s, host: /s}]
`))
		if err != nil {
			t.Fatal(err)
		}
		files, err := Files(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		open, sealed := 0, map[string]fs.FileMode{}
		for _, f := range files {
			if f.Mode&0o077 == 0 {
				sealed[f.Path] = f.Mode
			} else {
				open++
			}
		}
		if sealed["lima/a.yaml"] != 0o600 || public != (open > 0) {
			t.Errorf("%s: sealed are %v, %d are not", secret, sealed, open)
		}
		base := t.TempDir()
		lima := filepath.Join(base, "generated/a/lima/a.yaml")
		for _, before := range []fs.FileMode{0, 0o644} { // recreated; as Git checks it out
			if before != 0 {
				if err := os.Chmod(lima, before); err != nil {
					t.Fatal(err)
				}
			}
			plan, err := Compare(base, named("a"), files, false)
			if err != nil {
				t.Fatal(err)
			}
			if before != 0 && plan.Drift() {
				t.Error("a mode that Git does not keep is drift")
			}
			if err := plan.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(lima); err != nil || info.Mode() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		}
	}
}
