package generate_test

import (
	"slices"
	"strings"
	"testing"

	"vmloom/adopt"
	"vmloom/profile"
)

// TestAdoptDisks: the disks of vmloom's own template become disks again, of the size that is known.
func TestAdoptDisks(t *testing.T) {
	const head = "version: 1\nname: box\nhost: {os: linux, user: ada, home: /home/ada}\n"
	const debian = "guest: {system: debian, release: '13', user: {name: ada}}\n"
	sizes := func(name string) int64 { return map[string]int64{"old-data": 3 << 30, "old-home": 7 << 30}[name] }
	for _, c := range []struct {
		yaml  string
		sizes func(string) int64
		home  string // its name and size
		disks string
		notes []string
	}{
		{debian + "disks: [{name: data, size: 1GiB, mount: /srv/a+b}, {name: db, size: 1GiB, mount: /srv/db}]\n", nil, "box 0B", "data 20GiB /srv/a+b, db 20GiB /srv/db",
			[]string{"the size of the disks data, db is not in the template: limactl disk list shows it; disks says 20GiB"}},
		{debian + "home: {name: old}\ndisks: [{name: data, size: 1GiB, mount: /data}, {name: db, size: 1GiB, mount: /srv/db}]\n", sizes, "old 0B", "data 3GiB /data, db 20GiB /srv/db",
			[]string{"of the disks db is not"}},
		{debian + "home: {name: old, disk: 1GiB}\ndisks: [{name: data, size: 1GiB, mount: /data}]\n", sizes, "old 7GiB", "data 3GiB /data", nil},
		{"guest: {system: debian, release: '13', user: {name: ada, uid: host}}\ndisks: [{name: data, size: 1GiB, mount: /data}]\n", nil, "box 0B", "data 20GiB /data", nil},
		{"guest: {system: nixos, user: {name: ada}}\nnix: {base: own}\ndisks: [{name: data, size: 1GiB, mount: /srv/a+b}, {name: db, size: 1GiB, mount: /srv/db}]\n", sizes, "box 0B", "data 20GiB /srv/a+b, db 20GiB /srv/db",
			[]string{"of the disks data, db is not"}},
		{"guest: {system: nixos, user: {name: ada, uid: host}}\nnix: {base: own}\nhome: {name: old, disk: 1GiB}\ndisks: [{name: data, size: 1GiB, mount: /data}]\nlima: {extra: {additionalDisks: [{name: other, format: false}]}}\n", sizes, "old 7GiB", "data 3GiB /data",
			[]string{"what the template has of other disks stays its own affair"}},
		// Another's disk beside it stays where it is.
		{debian + "disks: [{name: data, size: 1GiB, mount: /data}]\nlima: {extra: {additionalDisks: [{name: other, format: false}, mine]}}\n", nil, "box 0B", "data 20GiB /data",
			[]string{"stay its own affair, in lima.extra; home: {disk: SIZE} would make a new disk for the home, disks new ones for other directories"}},
	} {
		p, err := profile.Load("vmloom.yaml", []byte(head+c.yaml))
		if err != nil {
			t.Fatal(err)
		}
		old, err := limaTemplateOf(p)
		if err != nil {
			t.Fatal(err)
		}
		host := adopt.Host{OS: "linux", Arch: "x86_64", User: "ada", Home: "/home/ada", UID: 1000}
		a, got, text, _, ds := adopted(t, adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: old}, Instance: "box", Host: host, DiskSize: c.sizes})
		for _, d := range ds {
			t.Errorf("%s%s: %q -> %q (%s)", c.yaml, d.Path, d.Old, d.New, d.Why)
		}
		var disks []string
		for _, d := range got.Disks {
			disks = append(disks, d.Name+" "+d.Size.String()+" "+d.Mount)
		}
		if home := got.Home.Name + " " + got.Home.Disk.String(); home != c.home || strings.Join(disks, ", ") != c.disks {
			t.Errorf("%shome %s, disks %s\n%s", c.yaml, home, disks, text)
		}
		for _, note := range c.notes {
			if !slices.ContainsFunc(a.Notes, func(n string) bool { return strings.Contains(n, note) }) {
				t.Errorf("%sno note %q: %q", c.yaml, note, a.Notes)
			}
		}
		if foreign := p.Lima.Extra.Node != nil; (got.Lima.Extra.Node != nil) != foreign {
			t.Errorf("%slima.extra: %v\n%s", c.yaml, !foreign, text)
		}
	}
	// Another disk's label: the guest would take the disk for another VM's.
	p, err := profile.Load("vmloom.yaml", []byte(head+debian+"disks: [{name: data, size: 1GiB, mount: /data}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	old, err := limaTemplateOf(p)
	if err != nil {
		t.Fatal(err)
	}
	d := p.Disks[0]
	old = []byte(strings.ReplaceAll(string(old), p.DiskLabel(d), "vmloom-00000000"))
	a, err := adopt.Read(adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: old}, Instance: "box", Host: adopt.Host{OS: "linux", User: "ada"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := a.Profile("vmloom.yaml"); err != nil || len(got.Disks) > 0 {
		t.Errorf("a disk with another label is taken: %v, %v", got, err)
	}
}
