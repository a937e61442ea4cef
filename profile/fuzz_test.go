package profile

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// ascalon is the profile of the design, with every section.
const ascalon = `# yaml-language-server: $schema=./vmloom.schema.json
version: 1
name: ascalon                      # guest host name, WezTerm domain, flake attribute, prefix of files
host: {os: macos, user: rbha18, home: /Users/rbha18}     # os: macos | linux; user and home only where an output needs an absolute path
runner: lima                       # lima | qemu
lima: {instance: default, sshPort: 0, vmType: vz, extra: {}}   # extra: merged into the YAML as it stands
guest:
  system: ubuntu                   # nixos | guix | ubuntu | debian
  release: "25.10"
  arch: aarch64                    # aarch64 | x86_64
  user: {name: rbha18, uid: 1000, home: /home/rbha18.linux, shell: zsh, authorizedKeys: []}
  timezone: America/Los_Angeles
  packages: [git, ripgrep, docker-client, {nix: fd, guix: fd, apt: fd-find}]
  env: {EDITOR: vim}
resources: {cpus: 6, memory: 12GiB, disk: 50GiB}
home: {disk: 40GiB}                # the home lives on a disk of its own
mounts:
  - {host: ~/github/personal/roshbhatia/sysinit, writable: true}
sockets:
  - {name: docker, from: colima, env: DOCKER_HOST, check: docker ps}
  - {name: onepassword-agent, from: 1password, env: SSH_AUTH_SOCK, check: ssh-add -l}
ports: [{guest: 8080, host: 8080}]
autostart: login                   # off | login | boot
wezterm: {domain: ascalon, via: exec, keys: {domains: CMD+S, newTab: [CMD+SHIFT+T, CTRL+SHIFT+T]}}   # via: exec | ssh | mux
nix: {nixpkgs: github:NixOS/nixpkgs/nixos-26.05, stateVersion: "26.05", modules: [./local.nix], homeManager: true, parity: true}
guix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}], manifest: ../manifest.scm, modules: [./local.scm]}
build: {on: auto}                  # auto | local | ssh://user@host | lima:INSTANCE
targets: []                        # empty: all that apply to this host, runner and guest
`

// leaks are words that only Go or a library says.
var leaks = regexp.MustCompile(`yaml:|reflect|profile\.|int64|nmarshal|libyaml|%!|0x[0-9a-f]{8}`)

// checkProblem holds one problem to what every printer of it relies on.
func checkProblem(t *testing.T, src string, p Problem) {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(src, "\ufeff"), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		t.Fatalf("%s: the file has %d lines", p, len(lines))
	}
	line := HideSecrets(strings.TrimRight(lines[p.Line-1], "\r"))
	if !excerptOf(p, line) {
		t.Errorf("%s: the source is %q, caret %d, the line %q", p, p.Source, p.Caret, line)
	}
	if p.Col < 1 || p.Col > utf8.RuneCountInString(line)+1 {
		t.Errorf("%s: the line is %q", p, line)
	}
	// What the user wrote may be repeated, and may say anything.
	if p.Reason == "" || fullStop(p.Reason, src) || fullStop(p.Hint, src) {
		t.Errorf("%s [%s]: an empty reason, or a full stop", p, p.Hint)
	}
	if m := leaks.FindString(p.Reason + "\n" + p.Hint); m != "" && !strings.Contains(strings.ToLower(src), strings.ToLower(m)) {
		t.Errorf("%s [%s]: says %s", p, p.Hint, m)
	}
	if valid := utf8.ValidString(src); valid && strings.ContainsFunc(p.Path+p.Reason+p.Hint, control) {
		t.Errorf("%q [%q]: a control character", p.String(), p.Hint)
	}
}

// fullStop reports whether a text ends like a sentence, and not in a word of the file that it is about.
func fullStop(text, src string) bool {
	return strings.HasSuffix(text, ".") && !strings.Contains(src, text[strings.LastIndexAny(text, " /")+1:])
}

// excerptOf reports whether a problem shows the line, or the part of a long one round its place.
func excerptOf(p Problem, line string) bool {
	all, shown := []rune(line), []rune(p.Source)
	if len(all) <= wide {
		return p.Source == line && p.Caret == p.Col-1
	}
	before, after := string(shown[:p.Caret]), string(shown[p.Caret:])
	return len(shown) <= wide+2 && len(shown)-p.Caret > min(1, len(all)-p.Col+1)-1 &&
		strings.HasSuffix(string(all[:p.Col-1]), strings.TrimPrefix(before, "…")) && strings.HasPrefix(string(all[p.Col-1:]), strings.TrimSuffix(after, "…"))
}

func checkProblems(t *testing.T, src string, ps []Problem) {
	t.Helper()
	for i, p := range ps {
		checkProblem(t, src, p)
		if i > 0 && (p.Line < ps[i-1].Line || p.Line == ps[i-1].Line && p.Col < ps[i-1].Col) {
			t.Errorf("%s comes after %s", p, ps[i-1])
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(ascalon))
	for _, c := range [][]loadCase{loadCases, scalarCases, textCases, syntaxCases} {
		for _, c := range c {
			if len(c.src) < 10_000 {
				f.Add([]byte(c.src))
			}
		}
	}
	for _, r := range append(rules, places...) {
		f.Add([]byte(with(r.yaml)))
	}
	for line := range strings.Lines(structure) {
		f.Add([]byte(with(line)))
	}
	for _, c := range lintCases {
		f.Add([]byte(with(c.yaml)))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		kept := bytes.Clone(src)
		p, err := Load("vmloom.yaml", src)
		again, errAgain := Load("vmloom.yaml", src)
		if d := cmp.Diff(err, errAgain); d != "" {
			t.Errorf("the second time -first +second:\n%s", d)
		}
		if d := cmp.Diff(p, again, cmp.AllowUnexported(Profile{}), notTheText); d != "" {
			t.Errorf("the second time -first +second:\n%s", d)
		}
		if err != nil {
			if ps, ok := err.(Problems); !ok || len(ps) == 0 || p != nil {
				t.Fatalf("error %v of type %T, profile %v", err, err, p)
			}
			checkProblems(t, string(src), err.(Problems))
			if n := strings.Count(err.Error(), "\n") + 1; n != len(err.(Problems)) {
				t.Errorf("%d lines for %d problems:\n%s", n, len(err.(Problems)), err)
			}
		} else {
			problems := Lint(p, nil)
			checkProblems(t, string(src), problems)
			checkWrite(t, p)
			if d := cmp.Diff(problems, Lint(p, nil)); d != "" {
				t.Errorf("the second time -first +second:\n%s", d)
			}
		}
		if !bytes.Equal(src, kept) {
			t.Error("the text was changed")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	src := []byte(ascalon)
	b.ReportAllocs()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := Load("vmloom.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}
