package profile

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"vmloom/lima"
)

// complete reports every attribute that a row lacks. One that may be missing
// says in its tag what that means.
func complete(t *testing.T, name string, row reflect.Value) {
	t.Helper()
	for i := range row.NumField() {
		f, v := row.Type().Field(i), row.Field(i)
		if _, may := f.Tag.Lookup("empty"); may {
			continue
		}
		if v.IsZero() {
			t.Errorf("%s: has no %s", name, f.Name)
		}
		if v.Kind() == reflect.Struct {
			complete(t, name+": "+f.Name, v)
		}
	}
}

// rows checks a table: every row complete, no name twice.
func rows[T any](t *testing.T, name func(T) string, table []T) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range table {
		if seen[name(row)] {
			t.Errorf("%s: is there twice", name(row))
		}
		seen[name(row)] = true
		complete(t, fmt.Sprintf("%T %s", row, name(row)), reflect.ValueOf(row))
	}
}

func TestSystems(t *testing.T) {
	rows(t, func(s System) string { return s.Name }, Systems())
	for _, s := range Systems() {
		if (len(s.Releases) == 0) == (s.ReleaseFrom == "") {
			t.Errorf("%s: either Releases or ReleaseFrom decides", s.Name)
		}
		r := RunnerNamed(s.Runner)
		if r.Name != s.Runner {
			t.Errorf("%s: there is no runner %s", s.Name, s.Runner)
		}
		if underLima := r.Name == "lima"; underLima != (s.MountType != "") || underLima != (s.MinimumLima != lima.Version{}) {
			t.Errorf("%s: MountType and MinimumLima are what a guest of Lima has", s.Name)
		}
		if !slices.Contains(PackageColumns(), s.Manager.Column) {
			t.Errorf("%s: the package map has no column %s", s.Name, s.Manager.Column)
		}
		if m := s.Manager; s.SetUp == ByCloudInit && (m.Has == "" || len(m.List) == 0 || m.Upgrade == "" || m.Complaint == "") {
			t.Errorf("%s: scripts need all of its package manager", s.Name)
		}
		if !slices.Contains([]SetUp{ByCloudInit, ByFlake, ByGuix}, s.SetUp) {
			t.Errorf("%s: is set up in no known way: %s", s.Name, s.SetUp)
		}
		if known := lima.Releases(s.Name); !slices.Equal(s.ReleaseNames(), known) {
			t.Errorf("%s: releases %q, Lima has images of %q", s.Name, s.ReleaseNames(), known)
		}
		if op, ok := LookupPackage(s.OpPackage); s.OpPackage != "" && (!ok || op.For(s) == "") {
			t.Errorf("%s: the package map has no %s for it", s.Name, s.OpPackage)
		}
		shells := fieldsOf(reflect.TypeFor[User]()).byName["shell"].enum
		for _, shell := range slices.Concat(s.AnyEnv.Of, s.Token.Of) {
			if !slices.Contains(shells, shell) {
				t.Errorf("%s: guest.user.shell cannot be %s", s.Name, shell)
			}
		}
	}
}

// TestReleases: what a row says of a release reaches its user, for each of them.
func TestReleases(t *testing.T) {
	for _, s := range Systems() {
		for _, r := range s.Releases {
			src := []byte(with("home: {disk: 40GiB}\nguest: {system: " + s.Name + ", release: \"" + r.Name + "\", user: {name: u}}"))
			p, err := Load("vmloom.yaml", src)
			if err != nil {
				t.Errorf("%s %s: %v", s.Name, r.Name, err)
				continue
			}
			warned := slices.ContainsFunc(Lint(p, nil), func(w Problem) bool { return w.ID == "release-ended" })
			if warned != (r.Ended != "") {
				t.Errorf("%s %s: %q, and a warning: %v", s.Name, r.Name, r.Ended, warned)
			}
		}
	}
}

func TestRunners(t *testing.T) {
	rows(t, func(r Runner) string { return r.Name }, Runners())
	for _, r := range Runners() {
		if !slices.Contains(fieldsOf(reflect.TypeFor[Profile]()).names, r.Name) {
			t.Errorf("%s: the profile has no section of that name", r.Name)
		}
		if !slices.ContainsFunc(Systems(), func(s System) bool { return s.Runner == r.Name }) {
			t.Errorf("%s: starts no system", r.Name)
		}
	}
}

func TestHostOSes(t *testing.T) {
	rows(t, func(h HostOS) string { return h.Name }, HostOSes())
}

func TestSocketPresets(t *testing.T) {
	rows(t, func(s SocketPreset) string { return s.From }, SocketPresets())
	for _, s := range SocketPresets() {
		if (s.MacOS == "" || s.Linux == "") == (s.ByHand == "") {
			t.Errorf("%s: ByHand is for a host without a path", s.From)
		}
		if (s.StartMacOS == "" || s.StartLinux == "") == (s.Start == "") {
			t.Errorf("%s: commands start it on every host, or Start says how", s.From)
		}
		if s.OnlySocket && len(s.Dirs) == 0 {
			t.Errorf("%s: names no directory that holds it", s.From)
		}
	}
}

// TestTablesMadeOnce: asking for a row, as every package of a profile does, makes no table anew; and whoever gets a
// table has one of his own.
func TestTablesMadeOnce(t *testing.T) {
	for name, ask := range map[string]func(){
		"SystemNamed":       func() { SystemNamed("fedora") },
		"HostNamed":         func() { HostNamed("linux") },
		"RunnerNamed":       func() { RunnerNamed("qemu") },
		"SocketPresetNamed": func() { SocketPresetNamed("gpg-agent") },
		"changes":           func() { changes() },
	} {
		if n := testing.AllocsPerRun(100, ask); n != 0 {
			t.Errorf("%s: allocates %v times", name, n)
		}
	}
	Systems()[0].Name, HostOSes()[0].Name, Runners()[0].Name, SocketPresets()[0].From = "", "", "", ""
	if Systems()[0].Name == "" || HostOSes()[0].Name == "" || Runners()[0].Name == "" || SocketPresets()[0].From == "" {
		t.Error("a table is shared with its readers")
	}
}
