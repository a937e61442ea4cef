package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const guixOwnYAML = `version: 1
name: dev
host: {os: linux, user: ada}
guest: {system: guix, user: {name: ada}}
guix:
  channels: ./pins.scm
  modules: [./local.scm]
  loadPath: [./modules, ..]
  substitutes: [{url: "https://a.example.org", key: ./keys/a.pub}, {url: "https://b.example.org", key: "(public-key (ecc (curve Ed25519) (q #22#)))"}]
`

const pinsOf14 = "(list (channel (name 'guix) (url \"x\") (commit \"8e2f32cee982d42a79e53fc1e9aa7b8ff0514714\")))\n"

// guixOwnFiles are a project's, with the profile in dev/.
var guixOwnFiles = map[string]string{
	"dev/pins.scm":             pinsOf14,
	"dev/local.scm":            "(load \"parts/a b.scm\") ; (load \"parts/no.scm\")\n#| (load \"parts/no.scm\") |#\n(local-file \"files\" #:recursive? #t) (load gone) (load \"gone.scm\") (load \"/etc/passwd\")\n#\\( #\\\" 'load \"parts/no.scm\"",
	"dev/parts/a b.scm":        `(include "c.scm")`,
	"dev/parts/c.scm":          "",
	"dev/parts/no.scm":         "",
	"dev/files/text":           "",
	"dev/modules/ours.scm":     "(define-module (ours))",
	"dev/modules/ours.patch":   "",
	"dev/modules/.git/x.scm":   "",
	"dev/keys/a.pub":           "(public-key\n (ecc (curve Ed25519) (q #11 11#)))\n",
	"dev/generated/dev/x.scm":  "",
	"top.scm":                  "",
	"README":                   "",
	"node_modules/.hidden.scm": "",
}

func guixOwnJob(t *testing.T, change map[string]string) *Job {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range []map[string]string{guixOwnFiles, change} {
		for name, text := range files {
			file := filepath.Join(dir, name)
			err := os.MkdirAll(filepath.Dir(file), 0o755)
			if text == "-" {
				err = os.RemoveAll(file)
			} else if err == nil {
				err = os.WriteFile(file, []byte(text), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return &Job{Profile: loadProfile(t, guixOwnYAML), Base: filepath.Join(dir, "dev"), Place: Place{Kind: Local}}
}

// TestGuixOwn: what the definition reads travels with it, and nothing else.
func TestGuixOwn(t *testing.T) {
	j := guixOwnJob(t, map[string]string{"dev/pins.scm": "; pins\n" + `(load "pins/more.scm")`, "dev/pins/more.scm": "(list)"})
	names, findings := GuixOwn(j.Profile, j.Base, nil)
	want := []string{
		"../dev/local.scm", "../dev/modules/ours.scm", "../dev/parts/a b.scm", "../dev/parts/c.scm", "../dev/parts/no.scm", "../dev/pins.scm", "../dev/pins/more.scm",
		"../top.scm", "files/text", "keys/a.pub", "local.scm", "modules/ours.patch", "modules/ours.scm", "parts/a b.scm", "parts/c.scm", "pins.scm", "pins/more.scm",
	}
	// By the load path "..", a file's module is called after its path there, (dev parts c).
	if d := cmp.Diff(want, names); d != "" || len(findings) > 0 {
		t.Errorf("%v\n%s", findings, d)
	}
}

// TestGuixOwnWrong: a file that is not what it should be is told of with its place in the profile.
func TestGuixOwnWrong(t *testing.T) {
	for _, c := range []struct {
		about  string
		change map[string]string
		want   []string
	}{
		{"a release", nil, []string{`guix.channels: guix.channels: ./pins.scm: pins Guix 1.4, and the definition is written for 1.5`}},
		{"no commit", map[string]string{"dev/pins.scm": "(list (channel (name 'guix) (url \"x\") (commit \"HEAD\")))"}, []string{"guix.channels: guix.channels: ./pins.scm: pins no commit of the channel guix: each build takes the newest"}},
		{"of another channel", map[string]string{"dev/pins.scm": "(cons (channel (name 'more) (commit \"8e2f32cee982d42a79e53fc1e9aa7b8ff0514714\")) %default-channels)"}, nil},
		{"not closed", map[string]string{"dev/pins.scm": "\n(list (channel)\n"}, []string{"guix.channels: guix.channels: ./pins.scm: line 2: its parenthesis is never closed"}},
		{"closed twice", map[string]string{"dev/pins.scm": "(list)\n)"}, []string{"guix.channels: guix.channels: ./pins.scm: line 2: a closing parenthesis too many"}},
		{"a text not closed", map[string]string{"dev/pins.scm": "(list \"\\\"\n"}, []string{"guix.channels: guix.channels: ./pins.scm: line 1: its text is never closed"}},
		{"empty", map[string]string{"dev/pins.scm": "; nothing\n#| (list) |#"}, []string{"guix.channels: guix.channels: ./pins.scm: has no channel"}},
		{"gone", map[string]string{"dev/pins.scm": "-", "dev/keys/a.pub": "-", "dev/modules": "-"}, []string{
			"guix.loadPath[0]: guix.loadPath: modules: no such directory",
			"guix.substitutes[0].key: guix.substitutes: ./keys/a.pub: no such file or directory",
			"guix.channels: guix.channels: ./pins.scm: no such file or directory",
		}},
		{"no key", map[string]string{"dev/pins.scm": "(list)", "dev/keys/a.pub": "ssh-ed25519 AAAA me"}, []string{"guix.substitutes[0].key: guix.substitutes: ./keys/a.pub: is no public key of Guix"}},
		{"a private key", map[string]string{"dev/pins.scm": "(list)", "dev/keys/a.pub": "(private-key (ecc (curve Ed25519) (q #11#) (d #22#)))"}, []string{"guix.substitutes[0].key: guix.substitutes: ./keys/a.pub: is no public key of Guix"}},
	} {
		j := guixOwnJob(t, c.change)
		_, findings := GuixOwn(j.Profile, j.Base, nil)
		var got []string
		for _, f := range findings {
			got = append(got, f.Field+": "+f.Cause)
			if f.Hint == "" {
				t.Errorf("%s: no hint", c.about)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s:\n%s", c.about, d)
		}
	}
}

// TestGuixOwnLinks: a link within a load path is followed, one that leads out of it is refused, and so nothing
// of elsewhere travels to another machine unasked.
func TestGuixOwnLinks(t *testing.T) {
	j := guixOwnJob(t, map[string]string{"dev/pins.scm": "(list)", "secret": "x"})
	for name, to := range map[string]string{"in.scm": "ours.scm", "out.scm": "../../secret", "nowhere.scm": "gone.scm", "loop.scm": "loop.scm", "dir": ".."} {
		if err := os.Symlink(to, filepath.Join(j.Base, "modules", name)); err != nil {
			t.Fatal(err)
		}
	}
	names, findings := GuixOwn(j.Profile, j.Base, nil)
	if len(findings) != 2 || findings[1].Cause != "guix.loadPath: modules/out.scm: leads out of modules, to ../secret" || findings[1].Field != "guix.loadPath[0]" || !findings[1].Fatal {
		t.Errorf("%v", findings)
	}
	in, out := false, false
	for _, name := range names {
		in, out = in || name == "modules/in.scm", out || name == "modules/out.scm" || name == "../secret"
	}
	if !in || out {
		t.Errorf("%q", names)
	}
}

// TestGuixUnknownKeys: a key that this machine does not trust is told of, by its number however it is laid out.
func TestGuixUnknownKeys(t *testing.T) {
	j := guixOwnJob(t, nil)
	acl := filepath.Join(j.Base, "acl")
	if err := os.WriteFile(acl, []byte("(acl (entry (public-key (ecc (curve Ed25519) (q #1\n  111#))) (tag (guix import))))"), 0o644); err != nil {
		t.Fatal(err)
	}
	findings := guixUnknownKeys(j, acl)
	if len(findings) != 1 || findings[0].Fatal || findings[0].Field != "guix.substitutes[1]" || findings[0].Hint != "sudo guix archive --authorize reads the key of the profile" {
		t.Errorf("%v", findings)
	}
	if findings := guixUnknownKeys(j, acl+"-gone"); findings != nil {
		t.Errorf("without an acl that can be read: %v", findings)
	}
}
