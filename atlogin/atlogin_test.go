package atlogin

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStarts(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":       {nil, ""},
		"brew services": {map[string]string{"homebrew.mxcl.colima.plist": "<string>/opt/homebrew/opt/colima/bin/colima</string>"}, "homebrew.mxcl.colima.plist"},
		"by its words":  {map[string]string{"org.me.docker.plist": "<string>colima start --cpu 4</string>"}, "org.me.docker.plist"},
		"a binary one":  {map[string]string{"me.plist": "bplist00\x00\x5fcolima\x00start"}, "me.plist"},
		"Lima's own":    {map[string]string{"io.lima-vm.autostart.colima.plist": "limactl"}, "io.lima-vm.autostart.colima.plist"},
		"a unit":        {map[string]string{"default.target.wants/colima.service": "ExecStart=x"}, "default.target.wants/colima.service"},
		"not enabled":   {map[string]string{"colima.service": "ExecStart=colima start"}, ""},
		"another word":  {map[string]string{"org.colimata.plist": "xcolima colimas"}, ""},
		"our repair":    {map[string]string{"io.vmloom.dev.repair.plist": "~/.colima/default/docker.sock"}, ""},
		"this very job": {map[string]string{"io.vmloom.dev.start.docker.plist": "exec colima start"}, ""},
		"another's":     {map[string]string{"io.vmloom.x.start.docker.plist": "exec colima start"}, "io.vmloom.x.start.docker.plist"},
	} {
		dir := t.TempDir()
		for file, text := range c.files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want := c.want
		if want != "" {
			want = filepath.Join(dir, want)
		}
		if got := Starts("colima", "io.vmloom.dev.start.docker", filepath.Join(dir, "gone"), dir); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}
