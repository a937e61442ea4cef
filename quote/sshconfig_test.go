package quote

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

func TestSSHConfig(t *testing.T) {
	table(t, SSHConfig, []row{
		{22, "22"}, {true, "yes"}, {false, "no"}, {"a", "a"}, {"a b", `"a b"`}, {"#a", `"#a"`}, {"=a", `"=a"`}, {"it's", `"it's"`}, {"%h", "%h"},
		{`a\b`, `a\b`}, {`a\\b`, `a\\\b`}, {`a\`, `a\\`}, {`a b\`, `"a b\\"`}, {`a\'`, `"a\\'"`},
		{"", "error: ssh_config: empty argument"}, {`a"`, `error: ssh_config: '"' at offset 1`},
		{"a\nb", "error: ssh_config: U+000A at offset 1"}, {"a\tb", "error: ssh_config: U+0009 at offset 1"},
	})
	table(t, SSHConfigPath, []row{
		{"~/a b/%h", `"~/a b/%%h"`}, {"/a$b", "/a$b"},
		{"/a${b}", `error: ssh_config: "/a${b}" would expand a variable`},
		{"$SOCK", `error: ssh_config: "$SOCK" would expand a variable`},
	})
	table(t, SSHPattern, []row{
		{"lima-ascalon", "lima-ascalon"}, {"", `error: ssh_config: "" is not a host name`}, {"-oX", `error: ssh_config: "-oX" is not a host name`},
		{"a*", "error: ssh_config: '*' at offset 1"}, {"!a", "error: ssh_config: '!' at offset 0"}, {"a,b", "error: ssh_config: ',' at offset 1"},
		{"a b", "error: ssh_config: ' ' at offset 1"}, {"é", "error: ssh_config: U+00E9 at offset 0"},
	})
}

// unSSH follows argv_split of OpenSSH's misc.c for one argument.
func unSSH(s string) (string, bool) {
	var b strings.Builder
	var q byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (strings.IndexByte(`'"\`, s[i+1]) >= 0 || q == 0 && s[i+1] == ' '):
			i++
			b.WriteByte(s[i])
		case q == 0 && (c == ' ' || c == '\t' || c == '#' && i == 0):
			return "", false
		case q == 0 && (c == '"' || c == '\''):
			q = c
		case q != 0 && c == q:
			q = 0
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), q == 0
}

// unSSHOld follows strdelim of OpenSSH before 8.7, which knows no escapes.
func unSSHOld(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, `"`); ok {
		return strings.CutSuffix(rest, `"`)
	}
	return s, !strings.ContainsAny(s, "\" \t=")
}

func FuzzSSHConfig(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := SSHConfig(s)
		if err != nil {
			return
		}
		if broken(s) || strings.ContainsAny(s, "\"\r\n") {
			t.Fatalf("accepted %q", s)
		}
		if got, ok := unSSH(lit); !ok || got != s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, ok)
		}
		if !strings.ContainsAny(s, `\=`) {
			if got, ok := unSSHOld(lit); !ok || got != s {
				t.Fatalf("old: %q: %s: %q, %v", s, lit, got, ok)
			}
		}
		oneLine(t, write(t, SSHComment, s))
	})
}

// sshG is what ssh prints of the configuration as keyword value.
func sshG(t *testing.T, text, keyword string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tooltest.Need(t, "ssh"), "-T", "-G", "-F", file, "vm").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.SplitSeq(string(out), "\n") {
		if s, ok := strings.CutPrefix(line, keyword+" "); ok {
			got = append(got, s)
		}
	}
	return got
}

func TestSSHConfigReadBack(t *testing.T) {
	var b strings.Builder
	var want []string
	b.WriteString("Host " + write(t, SSHPattern, "vm") + "\nSetEnv")
	for i, s := range hostile(20000) {
		arg, err := SSHConfig(fmt.Sprintf("V%d=%s", i, s))
		if err != nil {
			continue
		}
		want = append(want, fmt.Sprintf("V%d=%s", i, s))
		b.WriteString(" " + arg)
	}
	b.WriteString("\n")
	compare(t, sshG(t, b.String(), "setenv"), want)
}

// Users stand alone, so that an argument may start with anything.
func TestSSHConfigUserReadBack(t *testing.T) {
	var want, got []string
	for _, s := range hostile(600) {
		arg, err := SSHConfig(s)
		if err != nil || strings.HasPrefix(s, "-") {
			continue
		}
		comment := "# " + write(t, SSHComment, s) + "\n"
		want = append(want, s)
		got = append(got, sshG(t, comment+"User "+arg+"\n", "user")...)
	}
	compare(t, got, want)
}

// ssh expands the tokens of UserKnownHostsFile before it prints them, 30 on one line
// without quotes; paths with blanks go alone.
func TestSSHConfigPathReadBack(t *testing.T) {
	var want, got, batch []string
	line := "UserKnownHostsFile"
	for _, s := range hostile(6000) {
		arg, err := SSHConfigPath("/" + s)
		if err != nil {
			continue
		}
		if strings.Contains(s, " ") {
			if len(want) < 400 {
				want = append(want, "/"+s)
				got = append(got, sshG(t, "ControlPath "+arg+"\n", "controlpath")...)
			}
			continue
		}
		batch = append(batch, "/"+s)
		line += " " + arg
		if len(batch) == 30 {
			want = append(want, batch...)
			got = append(got, strings.Split(sshG(t, line+"\n", "userknownhostsfile")[0], " ")...)
			line, batch = "UserKnownHostsFile", nil
		}
	}
	compare(t, got, want)
}
