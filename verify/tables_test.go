package verify

import (
	"reflect"
	"slices"
	"testing"

	"vmloom/profile"
)

// TestPackagesAreAsked: each guest that is set up by scripts is asked by its own package manager.
func TestPackagesAreAsked(t *testing.T) {
	for _, s := range profile.MadeBy(profile.ByCloudInit) {
		p, err := profile.Load("vm.yaml", []byte("version: 1\nname: vm\nhost: {os: linux, user: ada}\nguest: {system: "+s.Name+", release: \""+s.Latest()+"\", packages: [vim]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		row := packageRows(p)[0]
		args := row.steps(&Site{})[0].Cmd.Args
		if !slices.Equal(args[len(args)-len(s.Manager.List):], s.Manager.List) {
			t.Errorf("%s: asks %q", s.Name, args)
		}
		own := p.Guest.Packages[0].For(s)
		for out, want := range map[string]Status{own + " installed;bash installed;": OK, "bash installed;" + own + " config-files;": Failed} {
			if got := row.judge(nil, []answer{{out: out}}); got.status != want {
				t.Errorf("%s: %q: %v", s.Name, out, got)
			}
		}
	}
}

// TestRunners: every runner has its row, and all of it.
func TestRunners(t *testing.T) {
	for _, r := range profile.Runners() {
		row := reflect.ValueOf(runners()[r.Name])
		for i := range row.NumField() {
			if row.Field(i).IsZero() {
				t.Errorf("runner %s: has no %s", r.Name, row.Type().Field(i).Name)
			}
		}
	}
}
