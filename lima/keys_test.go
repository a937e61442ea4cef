package lima

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// TestKeyTable: a row for what is below a place needs one for the place, of a type
// that can hold it, and what is said of keys beside the table names such keys.
func TestKeyTable(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range allKeys() {
		if seen[k.Place] || k.Type.String() == "" {
			t.Errorf("%+v: twice, or without a type", k)
		}
		seen[k.Place] = true
		if k.Place == "" {
			continue
		}
		around, _ := split(k.Place)
		want := Mapping
		if list, ok := strings.CutSuffix(k.Place, "[]"); ok {
			around, want = list, List
		}
		if parent, ok := KeyAt(around); !ok || parent.Type&want == 0 {
			t.Errorf("%s: its place is in no row that holds %s: %+v", k.Place, want, parent)
		}
	}
	for _, place := range slices.Concat(slices.Collect(maps.Keys(moreValues)), slices.Collect(maps.Keys(loose))) {
		if k, ok := KeyAt(place); !ok || k.Type&Text == 0 {
			t.Errorf("values of %s: no text", place)
		}
	}
	for _, place := range unsigned {
		if k, _ := KeyAt(place); k.Type != Integer {
			t.Errorf("unsigned: %s: no number", place)
		}
	}
	for name := range deprecated {
		if !Knows("", name) {
			t.Errorf("deprecated: %s: Lima does not know it at all", name)
		}
	}
	for place := range defaults {
		if _, ok := KeyAt(place); !ok {
			t.Errorf("defaults: %s: Lima does not know it", place)
		}
	}
	if len(keys) < 150 || len(KeysOf("")) != 42 {
		t.Errorf("%d rows, %d keys at the top", len(keys), len(KeysOf("")))
	}
}

func TestKnows(t *testing.T) {
	for _, c := range []struct {
		place, name string
		want        bool
	}{
		{"", "cpus", true}, {"", "cpuz", false}, {"", "", false}, {"", "*", false}, {"mounts[]", "writable", true}, {"mounts[]", "location", true}, {"mounts[]", "host", false},
		{"mounts[].9p", "msize", true}, {"env", "ANY", true}, {"vmOpts", "qemu", true}, {"cpus", "any", true}, {"images[].kernel", "cmdline", true},
	} {
		if got := Knows(c.place, c.name); got != c.want {
			t.Errorf("%+v", c)
		}
	}
	if d := cmp.Diff([]string{"location", "mountPoint", "writable", "sshfs", "9p", "virtiofs"}, KeysOf("mounts[]")); d != "" {
		t.Error(d)
	}
	if k, _ := KeyAt("arch"); !slices.Contains(k.Values, "default") || !slices.Contains(k.Values, "aarch64") {
		t.Errorf("%+v", k)
	}
	if got := (Text | Mapping).String(); got != "text or a mapping" {
		t.Error(got)
	}
}

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"cpus: 4\nmounts: [{location: /x}]\nbase: template:x\n":                    "",
		"base: [a, {url: b}]\nadditionalDisks: [home, {name: x}]\n":                "",
		"env: {A: b}\nparam: {c: d}\nvmOpts: {a-driver: {any: [1]}}\ncpus: null\n": "",
		"arch: default\nvmType: krunkit\nmountType: 9p\n":                          "",
		"cpuz: 4\n":       "1:1 unknown key cpuz",
		"hostname: x\n":   "1:1 unknown key hostname",
		"cpus: four\n":    "1:7 wrong type cpus: a whole number",
		"memory: 4\n":     "1:9 wrong type memory: text",
		"disk: 1.5\n":     "1:7 wrong type disk: text",
		"plain: \"no\"\n": "1:8 wrong type plain: true or false",
		"mounts: {}\n":    "1:9 wrong type mounts: a list",
		"vmType: kvm\n":   "1:9 wrong value vmType: qemu vz wsl2 krunkit",
		"mounts:\n- {location: /x, writeable: true}\n":                     "2:18 unknown key mounts[].writeable: location mountPoint writable sshfs 9p virtiofs",
		"mounts:\n- {writable: true}\n":                                    "2:3 missing key mounts[].location",
		"portForwards: [{guestSocket: /x, hostsocket: /y, proto: sctp}]\n": "1:34 unknown key portForwards[].hostsocket, 1:57 wrong value portForwards[].proto: tcp udp any",
		"provision: [{mode: boot, scripts: x}, {mode: late}]\n":            "1:26 unknown key provision[].scripts, 1:46 wrong value provision[].mode",
		"user: {groups: []}\n":                                             "1:8 unknown key user.groups: name comment home shell uid passwordlessSudo",
		"env: {A: 1}\n":                                                    "1:10 wrong type env.*: text",
		"rosetta: {enabled: true}\n":                                       "1:1 deprecated key rosetta: vmOpts: {vz: {rosetta: …}}",
		"cpus: 1.5\nssh: {localPort: 010}\n":                               "1:7 rewritten value cpus: 1, 2:18 rewritten value ssh.localPort: 8",
		"portForwards: [{guestPort: \"80\", hostPort: 80.5, guestPortRange: [\"1e2\", 0x50]}]\n":                                              "1:44 rewritten value portForwards[].hostPort: 80, 1:67 rewritten value portForwards[].guestPortRange[]: 100, 1:74 rewritten value portForwards[].guestPortRange[]: 80",
		"env: {A: 1.50, B: \"1.50\", C: 010, D: TRUE, E: \"TRUE\"}\nmessage: 1.10\n":                                                          "1:10 rewritten value env.*: 1.5, 1:30 rewritten value env.*: 8, 1:38 rewritten value env.*: true, 2:10 rewritten value message: 1.1",
		"additionalDisks: [1.10, {name: 2.0}]\n":                                                                                              "1:19 rewritten value additionalDisks[]: 1.1, 1:32 rewritten value additionalDisks[].name: 2",
		"user: {uid: -1}\nnetworks: [{metric: 4294967296}]\ncpus: .inf\n":                                                                     "1:13 out of range user.uid: between 0 and 4294967295, 2:21 out of range networks[].metric, 3:7 out of range cpus: a whole number of 64 bits",
		"vmOpts: {qemu: {cpuTyp: 1, minimumVersion: 8.20}, vz: {rosetta: {enabled: 1}}}\n":                                                    "1:17 unknown key vmOpts.qemu.cpuTyp: minimumVersion cpuType, 1:44 rewritten value vmOpts.qemu.minimumVersion: 8.2, 1:75 wrong type vmOpts.vz.rosetta.enabled: true or false",
		"additionalDisks: [{name: a, fsType: ntfs}]\nmounts: [{location: /x, 9p: {cache: fasst, securityModel: any, protocolVersion: 9p}}]\n": "1:37 wrong value additionalDisks[].fsType: ext4 ext3 ext2 xfs swap, 2:37 wrong value mounts[].9p.cache, 2:59 wrong value mounts[].9p.securityModel, 2:81 wrong value mounts[].9p.protocolVersion",
		"- cpus\n": "1:1 wrong type : a mapping",
		"dns: [8.8.8.8, 1]\nhostResolver: {hosts: {a: [b]}}\n": "1:16 wrong type dns[]: text, 2:27 wrong type hostResolver.hosts.*: text",
	} {
		var doc yaml.Node
		if err := yaml.Load([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range Check(doc.Content[0]) {
			got = append(got, strings.TrimSpace(strings.Join([]string{itoa(p.Node.Line) + ":" + itoa(p.Node.Column), string(p.Fault), p.Place + ": " + strings.Join(p.Want, " ")}, " ")))
		}
		wants := strings.Split(want, ", ")
		if want == "" {
			wants = nil
		}
		same := slices.EqualFunc(got, wants, strings.HasPrefix)
		if !same {
			t.Errorf("%s: %q, not %q", text, got, wants)
		}
	}
}

// TestGenerator runs gen.go over a schema of a few keys, as go generate does.
func TestGenerator(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: it compiles a program")
	}
	const schema = `{"$ref": "#/$defs/T", "$defs": {
	"T": {"type": "object", "additionalProperties": false, "required": ["z"], "properties": {
		"z": {"oneOf": [{"type": "string"}, {"type": "null"}], "enum": [null, "a", "b"]},
		"a": {"oneOf": [{"items": {"$ref": "#/$defs/D"}, "type": "array"}, {"type": "null"}]},
		"m": {"oneOf": [{"additionalProperties": {"type": "boolean"}, "type": "object"}, {"type": "null"}]},
		"r": {"oneOf": [{"$ref": "#/$defs/D"}, {"type": "null"}]}}},
	"D": {"oneOf": [{"type": "string"}, {"type": "object"}], "properties": {"n": {"type": "integer"}}, "required": ["n"]}}}`
	const want = `// Code generated by gen.go from limactl generate-jsonschema; DO NOT EDIT.

package lima

var keys = []Key{
	{Place: "", Type: Mapping},
	{Place: "z", Type: Text, Required: true, Values: []string{"a", "b"}},
	{Place: "a", Type: List},
	{Place: "a[]", Type: Text | Mapping},
	{Place: "a[].n", Type: Integer, Required: true},
	{Place: "m", Type: Mapping},
	{Place: "m.*", Type: Flag},
	{Place: "r", Type: Text | Mapping},
	{Place: "r.n", Type: Integer, Required: true},
}
`
	cmd := exec.Command("go", "run", "gen.go")
	cmd.Stdin, cmd.Stderr = strings.NewReader(schema), os.Stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	table, err := os.ReadFile("keys_table.go")
	if err != nil || !bytes.HasPrefix(table, got[:bytes.IndexByte(got, '\n')]) {
		t.Errorf("keys_table.go was not made by gen.go: %v", err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
