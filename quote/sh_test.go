package quote

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

func TestSh(t *testing.T) {
	table(t, Sh, []row{
		{"", "''"}, {"a", "a"}, {"--tty=false", "--tty=false"}, {"A=b", "'A=b'"}, {"if", "'if'"}, {"it's", `'it'\''s'`},
		{"~/x", "'~/x'"}, {"a\nb", "'a\nb'"}, {"é", "'é'"}, {22, "22"}, {-1, "-1"},
		{[]string{"limactl", "start", "a b"}, "limactl start 'a b'"}, {[]string{}, ""},
		{true, "error: sh: a bool has no literal here"}, {nil, "error: sh: a <nil> has no literal here"},
		{[][]string{{"a"}}, "error: sh: a []interface {} has no literal here"},
	})
	table(t, ShComment, []row{{"a\nrm", "a rm"}})
}

// unSh reads one word by the POSIX rules for bare characters, '…' and \'.
func unSh(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	var b strings.Builder
	for s != "" {
		if rest, ok := strings.CutPrefix(s, "'"); ok {
			text, after, closed := strings.Cut(rest, "'")
			if !closed {
				return "", false
			}
			b.WriteString(text)
			s = after
			continue
		}
		if rest, ok := strings.CutPrefix(s, `\'`); ok {
			b.WriteByte('\'')
			s = rest
			continue
		}
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-", s[0]) < 0 {
			return "", false
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String(), true
}

func FuzzSh(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Sh(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		if got, ok := unSh(lit); !ok || got != s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, ok)
		}
		oneLine(t, write(t, ShComment, s))
	})
}

func TestShReadBack(t *testing.T) {
	for _, name := range []string{"dash", "bash"} {
		t.Run(name, func(t *testing.T) {
			tool := tooltest.Need(t, name)
			want := hostile(4000)
			var b strings.Builder
			b.WriteString("p() { printf '%s\\000' \"$@\"; }\n")
			for _, s := range want[:2000] {
				b.WriteString("# " + write(t, ShComment, s) + "\nx=" + write(t, Sh, any(s)) + "; p \"$x\"\n")
			}
			b.WriteString("p " + write(t, Sh, any(want[2000:])) + "\n")
			file := filepath.Join(t.TempDir(), "x.sh")
			if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(tool, file).Output()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), want)
		})
	}
}

// Where a command may stand, a word must not be taken for a keyword or assignment.
func TestShCommandPosition(t *testing.T) {
	tool := tooltest.Need(t, "dash")
	for _, s := range append(hostile(300), "if", "done", "A=b", "{", "!", "case") {
		word := write(t, Sh, any(s))
		if err := exec.Command(tool, "-n", "-c", "\n"+word+" x\n"+word+"\n").Run(); err != nil {
			t.Errorf("%q: %s is not a command's name: %v", s, word, err)
		}
	}
}
