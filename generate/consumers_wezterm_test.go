package generate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/quote"
)

// weztermResult is what testdata/wezterm/driver.lua writes.
type weztermResult struct {
	Plain, Builder, Kept, Twice, Again weztermConfig
	Asked                              []string
	Ran                                []weztermCommand
}

// weztermConfig is a configuration after the module was applied to it.
type weztermConfig struct {
	ExecDomains []map[string]any `json:"exec_domains"`
	SSHDomains  []map[string]any `json:"ssh_domains"`
	UnixDomains []map[string]any `json:"unix_domains"`
	Keys        []map[string]any `json:"keys"`
	DefaultProg []string         `json:"default_prog"`
}

type weztermCommand struct {
	Args        []string `json:"args"`
	CWD         string   `json:"cwd"`
	Environment any      `json:"set_environment_variables"`
}

// weztermCase is what the driver hands to the callback of the exec domain.
type weztermCase struct {
	Args, DefaultProg []string
	CWD               string
}

// luaEngine runs the driver with its three arguments and gives what it printed.
type luaEngine func(t testing.TB, args []string) ([]byte, error)

// gopherLua is Lua 5.1 in this process.
func gopherLua(t testing.TB, args []string) ([]byte, error) {
	t.Helper()
	l := lua.NewState()
	defer l.Close()
	var out bytes.Buffer
	write := func(l *lua.LState) int {
		for i := 1; i <= l.GetTop(); i++ {
			out.WriteString(l.CheckString(i))
		}
		return 0
	}
	l.GetGlobal("io").(*lua.LTable).RawSetString("write", l.NewFunction(write))
	table := l.NewTable()
	for i, a := range args {
		table.RawSetInt(i+1, lua.LString(a))
	}
	l.SetGlobal("arg", table)
	err := l.DoFile(weztermDriver)
	return out.Bytes(), err
}

// realLua is Lua 5.4, WezTerm's own version.
func realLua(t testing.TB, args []string) ([]byte, error) {
	t.Helper()
	cmd := exec.Command(tooltest.Need(t, "lua5.4"), append([]string{weztermDriver}, args...)...)
	cmd.Env = append(os.Environ(), "LIMA_HOME=")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "LIMA_HOME=") })
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("lua5.4: %w\n%s", err, talk.String())
	}
	return out, err
}

const weztermDriver = "../testdata/wezterm/driver.lua"

// weztermHosts is what WezTerm finds in Lima's ssh.config.
type weztermHosts map[string]map[string]string

func runWezTerm(t testing.TB, engine luaEngine, module string, hosts weztermHosts, cases []weztermCase) (r weztermResult) {
	t.Helper()
	dir := t.TempDir()
	var commands []any
	for _, c := range cases {
		m := map[string]any{}
		if c.Args != nil {
			m["args"] = c.Args
		}
		if c.DefaultProg != nil {
			m["default_prog"] = c.DefaultProg
		}
		if c.CWD != "" {
			m["cwd"] = c.CWD
		}
		commands = append(commands, m)
	}
	text, err := quote.Lua(map[string]any{"hosts": hosts, "commands": commands})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"module.lua": module, "cases.lua": "return " + text + "\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := engine(t, []string{"../testdata/wezterm/stub.lua", filepath.Join(dir, "module.lua"), filepath.Join(dir, "cases.lua")})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(emptyLists(out), &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return r
}

// emptyLists: Lua cannot tell an empty list from an empty map, so the driver
// writes [] for both; only the user's own key has such a map.
func emptyLists(out []byte) []byte {
	return bytes.ReplaceAll(out, []byte(`"Mine":[]`), []byte(`"Mine":{}`))
}

func consumeWezTerm(t *testing.T, a artefact) {
	t.Run("luac5.4", func(t *testing.T) {
		if out, err := exec.Command(tooltest.Need(t, "luac5.4"), "-p", filepath.Join(a.dir, a.path)).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	for name, engine := range map[string]luaEngine{"gopher-lua": gopherLua, "lua5.4": realLua} {
		t.Run(name, func(t *testing.T) {
			r := runWezTerm(t, engine, a.data, nil, nil)
			if n := len(r.Plain.ExecDomains) + len(r.Plain.UnixDomains) + len(r.Plain.SSHDomains); n == 0 {
				t.Error("adds no domain")
			}
			checkKept(t, r)
		})
	}
}

// checkKept holds for every module: what the user had stays, first and as it
// was; applying twice adds nothing.
func checkKept(t *testing.T, r weztermResult) {
	t.Helper()
	if d := cmp.Diff(r.Plain, r.Builder); d != "" {
		t.Errorf("a config_builder gets something else than a table: %s", d)
	}
	if d := cmp.Diff(r.Kept, r.Again); d != "" {
		t.Errorf("loaded again, it does something else: %s", d)
	}
	same := func(what, mine string, kept, twice []map[string]any, first func(map[string]any) any) {
		if len(kept) == 0 || first(kept[0]) != mine {
			t.Errorf("%s: the user's own is gone: %v", what, kept)
		}
		if d := cmp.Diff(kept, twice); d != "" && what != "keys" {
			t.Errorf("%s: applied twice: %s", what, d)
		}
	}
	name := func(d map[string]any) any { return d["name"] }
	same("exec_domains", "mine-exec", r.Kept.ExecDomains, r.Twice.ExecDomains, name)
	same("ssh_domains", "mine-ssh", r.Kept.SSHDomains, r.Twice.SSHDomains, name)
	same("unix_domains", "mine-unix", r.Kept.UnixDomains, r.Twice.UnixDomains, name)
	same("keys", "x", r.Kept.Keys, r.Twice.Keys, func(k map[string]any) any { return k["key"] })
	if d := cmp.Diff([]string{"/bin/zsh", "-l"}, r.Kept.DefaultProg); d != "" {
		t.Errorf("default_prog: %s", d)
	}
}

// weztermModule generates the module of a small profile.
func weztermModule(t testing.TB, wezterm string, port int) string {
	t.Helper()
	src := fmt.Sprintf(`version: 1
name: box
host: {os: macos, user: ada}
lima: {instance: the.box, sshPort: %d}
guest: {system: ubuntu, release: "26.04"}
wezterm: %s
targets: [wezterm]
`, port, wezterm)
	p, err := profile.Load("vmloom.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate.Files(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(files[0].Data)
}

// weztermSSH is the command line that leads into the guest.
var weztermSSH = []any{"ssh", "-F", "/HOST-HOME/.lima/the.box/ssh.config", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ServerAliveInterval=15"}

func TestWezTermForms(t *testing.T) {
	lima := weztermHosts{"lima-the-box": {"port": "61234", "identityfile": "/elsewhere/user", "user": "ada"}, "lima-other": {"port": "1"}}
	option := func(file string) map[string]any {
		return map[string]any{"identityfile": file, "identitiesonly": "yes"}
	}
	sshDomain := func(address, identity string) []map[string]any {
		return []map[string]any{
			{"name": "SSH:example.org", "remote_address": "example.org"},
			{"name": "SSHMUX:example.org", "remote_address": "example.org"},
			{"name": "box", "remote_address": address, "username": "ada", "multiplexing": "None", "assume_shell": "Posix", "ssh_option": option(identity)},
		}
	}
	withAgent := func(agent string) []map[string]any {
		domains := sshDomain("lima-the-box", "/HOST-HOME/.lima/_config/user")
		domains[2]["ssh_option"].(map[string]any)["identityagent"] = agent
		return domains
	}
	for _, tt := range []struct {
		name, wezterm string
		port          int
		hosts         weztermHosts
		want          weztermConfig
		asked         bool
	}{
		{name: "exec", wezterm: "{via: exec}", want: weztermConfig{
			ExecDomains: []map[string]any{{"name": "box", "label": "box (Lima VM the.box)", "fixup_command": "(function)"}}}},
		{name: "mux", wezterm: "{via: mux, domain: The.Box}", want: weztermConfig{
			UnixDomains: []map[string]any{{"name": "The.Box", "proxy_command": append(slices.Clone(weztermSSH), "-T", "lima-the-box", "wezterm", "cli", "--prefer-mux", "proxy")}}}},
		{name: "ssh, VM not started yet", wezterm: "{via: ssh}", asked: true,
			want: weztermConfig{SSHDomains: sshDomain("lima-the-box", "/HOST-HOME/.lima/_config/user")}},
		{name: "ssh, VM runs", wezterm: "{via: ssh}", hosts: lima, asked: true,
			want: weztermConfig{SSHDomains: sshDomain("127.0.0.1:61234", "/elsewhere/user")}},
		{name: "ssh, fixed port", wezterm: "{via: ssh}", port: 60022, asked: true,
			want: weztermConfig{SSHDomains: sshDomain("127.0.0.1:60022", "/HOST-HOME/.lima/_config/user")}},
		{name: "ssh, agent", wezterm: "{via: ssh}\nsockets: [{name: agent, from: ssh-agent}]", asked: true, want: weztermConfig{SSHDomains: withAgent("/HOST-HOME/.ssh/agent.sock")}},
		{name: "ssh, agent elsewhere", wezterm: "{via: ssh}\nsockets: [{name: agent, host: /run/my agent.sock, env: SSH_AUTH_SOCK}]", asked: true, want: weztermConfig{SSHDomains: withAgent("/run/my agent.sock")}},
		{name: "ssh, agent gone", wezterm: "{via: ssh}\nsockets: [{name: agent, host: /gone/agent.sock, env: SSH_AUTH_SOCK}]", asked: true,
			want: weztermConfig{SSHDomains: sshDomain("lima-the-box", "/HOST-HOME/.lima/_config/user")}},
		{name: "keys", wezterm: `{via: mux, keys: {domains: "CMD+'", newTab: ["ctrl+alt+Enter", "CMD+SHIFT+t", "OPT+\\"]}}`, want: weztermConfig{
			UnixDomains: []map[string]any{{"name": "box", "proxy_command": append(slices.Clone(weztermSSH), "-T", "lima-the-box", "wezterm", "cli", "--prefer-mux", "proxy")}},
			Keys: []map[string]any{
				{"key": "'", "mods": "CMD", "action": map[string]any{"ShowLauncherArgs": map[string]any{"flags": "FUZZY|DOMAINS"}}},
				{"key": "Enter", "mods": "CTRL|ALT", "action": map[string]any{"SpawnTab": map[string]any{"DomainName": "box"}}},
				{"key": "T", "mods": "CMD|SHIFT", "action": map[string]any{"SpawnTab": map[string]any{"DomainName": "box"}}},
				{"key": `\`, "mods": "ALT", "action": map[string]any{"SpawnTab": map[string]any{"DomainName": "box"}}},
			}}},
	} {
		for name, engine := range map[string]luaEngine{"gopher-lua": gopherLua, "lua5.4": realLua} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				r := runWezTerm(t, engine, weztermModule(t, tt.wezterm, tt.port), tt.hosts, nil)
				if d := cmp.Diff(tt.want, r.Plain); d != "" {
					t.Error(d)
				}
				checkKept(t, r)
				wantAsked := tt.asked
				if asked := slices.Contains(r.Asked, "/HOST-HOME/.lima/the.box/ssh.config"); asked != wantAsked {
					t.Errorf("asked for hosts in %v", r.Asked)
				}
			})
		}
	}
}

// TestWezTermExec takes what WezTerm would run, splits off ssh's own words, and
// has real shells run the rest as sshd would: the guest's program must get the
// very arguments that WezTerm was given.
func TestWezTermExec(t *testing.T) {
	work := filepath.Join(t.TempDir(), "it's a \"dir\" $HOME")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	print := []string{"printf", "<%s>"}
	hostile := []string{"it's", "a  b", "two\nlines", `back\slash`, `end\`, `\\`, `\'`, "$HOME `id` $(id)", `"q"`, "", "*", "-n", "~", "#", "ä€😀", "a;b&c|d", "!x", "{{.User}}"}
	zsh := []string{"/bin/zsh", "-l"}
	for _, tt := range []struct {
		name string
		in   weztermCase
		want string // printed; {shell} where the user's shell must have run
	}{
		{"default program", weztermCase{}, "{shell} -l in {home}"},
		{"empty arguments", weztermCase{Args: []string{}}, "{shell} -l in {home}"},
		{"default_prog is the host's", weztermCase{Args: zsh, DefaultProg: zsh}, "{shell} -l in {home}"},
		{"longer than default_prog", weztermCase{Args: slices.Concat(print, zsh), DefaultProg: print}, "</bin/zsh><-l>"},
		{"begins as default_prog", weztermCase{Args: []string{"printf", "x"}, DefaultProg: []string{"printf", "x", "y"}}, "x"},
		{"other than default_prog", weztermCase{Args: []string{"printf", "z"}, DefaultProg: []string{"printf", "x"}}, "z"},
		{"hostile arguments", weztermCase{Args: slices.Concat(print, hostile)}, "<" + strings.Join(hostile, "><") + ">"},
		{"directory", weztermCase{CWD: work}, "{shell} -l in " + work},
		{"directory and program", weztermCase{CWD: work, Args: []string{"pwd"}}, work + "\n"},
		{"directory of the host only", weztermCase{CWD: "/no/such 'dir'"}, "{shell} -l in {home}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			module := weztermModule(t, "{via: exec}", 0)
			for name, engine := range map[string]luaEngine{"gopher-lua": gopherLua, "lua5.4": realLua} {
				t.Run(name, func(t *testing.T) {
					ran := runWezTerm(t, engine, module, nil, []weztermCase{tt.in}).Ran
					if len(ran) != 1 || ran[0].CWD != "(none)" || !cmp.Equal(ran[0].Environment, map[string]any{"KEPT": "yes"}) {
						t.Fatalf("callback: %+v", ran)
					}
					args := ran[0].Args
					var want []string
					for _, w := range weztermSSH {
						want = append(want, w.(string))
					}
					want = append(want, "-t", "lima-the-box")
					if len(args) != len(want)+1 || !slices.Equal(args[:len(want)], want) {
						t.Fatalf("%q", args)
					}
					runRemote(t, args[len(want)], tt.want)
				})
			}
		})
	}
}

// runRemote runs a command line as sshd does, in each login shell that a
// profile may name and is installed here.
func runRemote(t *testing.T, line, want string) {
	t.Helper()
	dir := t.TempDir()
	shell := filepath.Join(dir, "shell")
	if err := os.WriteFile(shell, []byte("#!/bin/sh\nprintf '{shell} %s in %s' \"$*\" \"$PWD\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	want = strings.ReplaceAll(want, "{home}", dir)
	for _, login := range []string{"sh", "dash", "bash", "zsh", "fish"} {
		path, err := exec.LookPath(login)
		if err != nil {
			if login != "fish" && login != "zsh" {
				tooltest.Need(t, login)
			}
			t.Logf("SKIPPED: %s is not installed", login)
			continue
		}
		cmd := exec.Command(path, "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "SHELL="+shell, "HOME="+dir, "LC_ALL=C.UTF-8", "PWD="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v\n got %q\nwant %q\nfrom %s", login, err, out, want, line)
		}
	}
}
