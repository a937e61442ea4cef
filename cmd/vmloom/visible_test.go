package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEyes(t *testing.T) {
	for text, want := range map[string]string{
		"plain, tab\tand line\n":            "plain, tab\tand line\n",
		"日本 é … e\u0301 \u200d\u00ad":       "日本 é … e\u0301 \u200d\u00ad",
		"\x1b]0;x\a\x1b[31m":                `\u001b]0;x\u0007\u001b[31m`,
		"a\rb\x7f\u0085\u009b":              `a\u000db\u007f\u0085\u009b`,
		"\u202eevil\u2066\u2069\u061c":      `\u202eevil\u2066\u2069\u061c`,
		"\u2028\u2029\ufeff":                `\u2028\u2029\ufeff`,
		"\ufffe\uffff\ufdd0\U0001ffff":      `\ufffe\uffff\ufdd0\U0001ffff`,
		"\U000e0041":                        `\U000e0041`,
		"\x9b31m \xff é\xc3":                `\x9b31m \xff é`, // the last byte may begin a character
		"a replacement \ufffd stays itself": "a replacement \ufffd stays itself",
	} {
		var whole, bytewise strings.Builder
		(&eyes{w: &whole}).Write([]byte(text))
		e := &eyes{w: &bytewise}
		for i := range len(text) {
			if n, err := e.Write([]byte{text[i]}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		if whole.String() != want || bytewise.String() != want {
			t.Errorf("%q is written as %q, by bytes as %q; want %q", text, whole.String(), bytewise.String(), want)
		}
	}
}

// TestTerminal: what a terminal shows is made safe, whatever was meant for a pipe.
func TestTerminal(t *testing.T) {
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("SKIPPED: no terminal to be had: %v", err)
	}
	defer ptmx.Close()
	if u := newUI(ptmx, ptmx); u.data != u.out || u.live != ptmx {
		t.Error("a terminal is not known for one")
	}
	var pipe strings.Builder
	if u := newUI(&pipe, &pipe); u.data == u.out || u.live != nil {
		t.Error("a pipe is taken for a terminal")
	}
}

// evil is what a terminal acts on, in names and texts.
const evil = "\x1b[31m\x1b]0;x\a\u009b2J\u202e"

// TestNothingActs runs commands over names, profiles, manifests, locks and tools
// that all try to reach the terminal: nothing that they print acts on it.
func TestNothingActs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a"+evil)
	bin := t.TempDir()
	for _, tool := range []string{"limactl", "nix", "guix", "ssh", "systemctl", "loginctl", "qemu-img", "qemu-system-x86_64", "wezterm", "git"} {
		writeFile(t, filepath.Join(bin, tool), "#!/bin/sh\nprintf '"+evil+"out\\n'\nprintf '"+evil+"err\\n' >&2\nexit 1\n")
		must(t, os.Chmod(filepath.Join(bin, tool), 0o755))
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	t.Setenv("HOME", t.TempDir())
	must(t, os.MkdirAll(dir, 0o755))
	const good = "version: 1\nname: a\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\", user: {name: dev}}\n"
	profile := func(name, text string) string {
		file := filepath.Join(dir, name)
		writeFile(t, file, text)
		return file
	}
	fine := profile("vmloom.yaml", good)
	raw := profile("raw.vmloom.yaml", good+"# "+evil)
	escaped := profile("b"+evil+".vmloom.yaml", good+`mounts: [{host: "~/\e[31m\u202e"}, {host: "a\u202e"}]`+"\n\"k\\u202e\": 1\n")
	lima := profile("lima.yaml", "base: template:_images/debian-13\nmounts: [{location: \"~/\\e[31m\"}]\nprovision: [{mode: system, script: \"echo \\e[31m\\u202e\"}]\n\"k\\e\": 1\n")
	lua := profile("wezterm"+evil+".lua", "ssh_domains = {{name='"+evil+"', remote_address='127.0.0.1:22"+evil+"'}}")
	calls := [][]string{
		{"gen", fine}, {"gen", fine}, {"check", dir}, {"gen", raw}, {"gen", escaped}, {"check", escaped}, {"targets", escaped},
		{"adopt", "--wezterm", lua, lima}, {"adopt", "-o", filepath.Join(dir, "new"), lima}, {"packages", "x" + evil}, {evil}, {"gen", "--" + evil},
		{"check", filepath.Join(dir, "none"+evil)}, {"status", fine}, {"verify", fine}, {"doctor", fine}, {"up", "--yes", fine}, {"stop", fine},
		{"build-image", "--on", "local", fine}, {"build-image", "--on", "ssh://" + evil, fine}, {"init", filepath.Join(dir, evil)},
	}
	call := func(args ...string) {
		var stdout, stderr strings.Builder
		run(append([]string{"vmloom"}, args...), &stdout, &stderr)
		for name, text := range map[string]string{"stdout": stdout.String(), "stderr": stderr.String()} {
			if name == "stdout" && args[0] == "adopt" {
				continue // the profile, for a file
			}
			if text != shown(text) {
				t.Errorf("vmloom %q: %s acts on a terminal: %q", args, name, text)
			}
			if strings.Contains(text, "evil\nvmloom") {
				t.Errorf("vmloom %q: %s has a line of somebody else's: %q", args, name, text)
			}
		}
	}
	for _, args := range calls {
		call(args...)
	}
	// An edit, a manifest and a lock that speak to the terminal.
	writeFile(t, filepath.Join(dir, "generated/a/ssh/config"), evil)
	call("gen", fine)
	call("gen", "--diff", fine)
	call("gen", "--force", "--diff", fine)
	manifest := filepath.Join(dir, "generated/a/.vmloom.json")
	text, err := os.ReadFile(manifest)
	must(t, err)
	writeFile(t, manifest, strings.Replace(string(text), `"ssh/config"`, `"ssh/`+"\u009b\u202e"+`evil\nvmloom: all is well"`, 1))
	call("gen", fine)
	writeFile(t, manifest, "{"+evil)
	call("gen", fine)
	writeFile(t, filepath.Join(dir, "images.lock.json"), `{"`+evil)
	call("gen", fine)
	call("check", fine)
	writeFile(t, filepath.Join(dir, "images/a-x86_64.lock.json"), `{"`+evil)
	call("gen", fine)
}
