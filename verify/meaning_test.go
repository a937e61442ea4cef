package verify

import (
	"slices"
	"testing"
)

// What limactl 2.2 makes of a template with a base, seen at a real one: base goes, its
// lists follow ours, comments and layout are anybody's.
const (
	ofProfile = `# vmloom-profile: x
base: template:_images/debian-12
cpus: 2
memory: "1GiB"
images:
- {location: /srv/disk.qcow2, kernel: {cmdline: "root=/dev/vda
      rw"}}
mounts: [{location: ~/src, writable: true}]
`
	ofInstance = `# vmloom-profile: x

cpus: 2 # as ever
memory: 1GiB
images:
- location: /srv/disk.qcow2
  kernel: {cmdline: "root=/dev/vda rw"}


- location: "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2"
  arch: "x86_64"
mounts:
- location: ~/src
  writable: true
mountTypesUnsupported: [9p]
`
)

func TestTemplateDrift(t *testing.T) {
	for _, c := range []struct {
		name, template, installed string
		want                      []string
	}{
		{"as Lima makes it", ofProfile, ofInstance, nil},
		{"what Ubuntu 26.04 brings", "base: template:_images/ubuntu-26.04\nssh: {localPort: 0}\n", "ssh: {localPort: 0}\nimages: [a]\nparam:\n  internal_netplanOptional: \"true\"\n", nil},
		{"what Fedora 43 brings", "base: x\nssh: {localPort: 0}\nparam: {a: b}\n", "ssh: {localPort: 0, overVsock: false}\nparam: {a: b}\n", nil},
		{"what no image brings", "base: x\nssh: {localPort: 0}\n", "ssh: {localPort: 0, overVsock: true}\nparam: {mine: b}\n", []string{"param", "ssh"}},
		{"set otherwise", "base: x\nssh: {overVsock: true}\n", "ssh: {overVsock: false}\n", []string{"ssh"}},
		{"without a base", "ssh: {localPort: 0}\n", "ssh: {localPort: 0}\nparam:\n  internal_netplanOptional: \"true\"\n", []string{"param"}},
		{"no base", "cpus: 2\nimages: [a]\n", "cpus: 2\nimages: [a]\n", nil},
		{"another image before ours", ofProfile, "images: [{location: /other}]\n", []string{"cpus", "images", "memory", "mounts"}},
		{"images of nobody's base", "cpus: 2\n", "cpus: 2\nimages: [a]\n", []string{"images"}},
		{"edited", "cpus: 2\n", "cpus: 4\nmounts: []\n", []string{"cpus", "mounts"}},
	} {
		got, err := templateDrift([]byte(c.template), []byte(c.installed))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if _, err := templateDrift([]byte("a: [\n"), nil); err == nil {
		t.Error("what is no YAML is compared")
	}
}

func TestSamePlist(t *testing.T) {
	const one = `<?xml version="1.0"?><!-- ours --><plist version="1.0"><dict><key>Label</key><string>a &amp; b</string>
<key>Arguments</key><array><string>x</string><integer>1</integer></array><key>Run</key><true/></dict></plist>`
	for _, c := range []struct {
		name, other string
		want        bool
	}{
		{"keys and comments stand otherwise", `<plist><dict><key>Run</key><true/><key>Label</key><string>a &#38; b</string><key>Arguments</key><array><string>x</string> <integer>1</integer></array></dict></plist>`, true},
		{"another value", `<plist><dict><key>Run</key><false/><key>Label</key><string>a &amp; b</string><key>Arguments</key><array><string>x</string><integer>1</integer></array></dict></plist>`, false},
		{"another type", `<plist><dict><key>Run</key><true/><key>Label</key><string>a &amp; b</string><key>Arguments</key><array><string>x</string><string>1</string></array></dict></plist>`, false},
		{"another order of a list", `<plist><dict><key>Run</key><true/><key>Label</key><string>a &amp; b</string><key>Arguments</key><array><integer>1</integer><string>x</string></array></dict></plist>`, false},
		{"cut off", `<plist><dict><key>Run</key>`, false},
		{"not XML", "bplist00", false},
	} {
		if got := samePlist([]byte(one), []byte(c.other)); got != c.want {
			t.Errorf("%s: same is %v", c.name, got)
		}
	}
}

func TestSameUnit(t *testing.T) {
	const one = "# ours\n[Service]\nType=simple\nExecStart=/bin/sh -c \\\n  true\n"
	if !sameUnit([]byte(one), []byte("[Service]\n; theirs\nType=simple\n\nExecStart=/bin/sh -c    true\n")) {
		t.Error("layout counts")
	}
	if sameUnit([]byte(one), []byte("[Service]\nType=exec\nExecStart=/bin/sh -c true\n")) {
		t.Error("a type does not count")
	}
}

func TestSpace(t *testing.T) {
	const apple = "Filesystem   1024-blocks      Used Available Capacity  Mounted on\n/dev/disk3s5   482797652 351452480  75234567    83%    /System/Volumes/My Data\n"
	d, ok := space(apple)
	if d != (disk{482797652, 75234567, 83}) || !ok {
		t.Error(d, ok)
	}
	if _, ok := space("df: nothing\n"); ok {
		t.Error("what is no table is read")
	}
}

func TestRemoteWord(t *testing.T) {
	for word, want := range map[string]string{"a": `'a'`, "it's": `'it'"'"'s'`, `a\b`: `'a'"\\"'b'`} {
		if got := remoteWord(word); got != want {
			t.Errorf("%s: %s", word, got)
		}
	}
}

func TestMessage(t *testing.T) {
	for line, want := range map[string]string{
		`time="2026-11-22T05:17:24Z" level=fatal msg="instance ` + "`x`" + ` is \"stopped\""`: "instance `x` is \"stopped\"",
		`time="2026-11-22T05:17:24Z" level=info msg=READY`:                                    "READY",
		`ssh: connect to host 127.0.0.1 port 60022: Connection refused`:                       "ssh: connect to host 127.0.0.1 port 60022: Connection refused",
	} {
		if got := message(line); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}
