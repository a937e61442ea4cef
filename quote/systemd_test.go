package quote

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

func TestSystemd(t *testing.T) {
	table(t, Systemd, []row{
		{"/usr/bin/limactl", "/usr/bin/limactl"}, {"", `""`}, {";", `";"`}, {"a b", `"a b"`}, {"$HOME %h", `"$$HOME %%h"`},
		{"a\\\n", `"a\\\n"`}, {"\x01\x7f\u0085é", `"\x01\x7f\u0085é"`}, {60, "60"},
		{[]any{"a", "--tty=false", "b c", -1}, `a --tty=false "b c" -1`},
		{true, "error: systemd: a bool has no literal here"}, {"a\uffff", "error: systemd: U+FFFF at offset 1"},
	})
	table(t, SystemdValue, []row{
		{`a "b" 100% $x \d`, `a "b" 100%% $x \d`}, {"", ""}, {`a\`, `error: systemd: "a\\" ends with a backslash`},
		{" a", `error: systemd: " a" starts or ends with a blank`}, {"a\nb", "error: systemd: U+000A at offset 1"},
	})
	table(t, func(s string) (string, error) { return SystemdEnv("A_1", s) }, []row{
		{"b $c %d\n\"", `"A_1=b $c %%d\n\""`}, {"", `"A_1="`},
	})
	if _, err := SystemdEnv("A B", ""); err == nil {
		t.Error("a name with a blank")
	}
}

// unSystemd splits and unquotes words by systemd.syntax(7), then expands %% and, for
// a command line, $$.
func unSystemd(s string, command bool) ([]string, error) {
	var words []string
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		var b strings.Builder
		var q byte
		for s != "" && (q != 0 || s[0] != ' ') {
			c := s[0]
			s = s[1:]
			switch {
			case c == '\\':
				r, n, err := systemdEscape(s)
				if err != nil {
					return nil, err
				}
				b.WriteString(r)
				s = s[n:]
			case c < 0x20:
				return nil, fmt.Errorf("raw %q", c)
			case q == 0 && b.Len() == 0 && (c == '"' || c == '\''):
				q = c
			case q != 0 && c == q:
				q = 0
			default:
				b.WriteByte(c)
			}
		}
		if q != 0 {
			return nil, errors.New("open quote")
		}
		word, err := systemdExpand(b.String(), '%')
		if command && err == nil {
			word, err = systemdExpand(word, '$')
		}
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}

func systemdEscape(s string) (string, int, error) {
	if s == "" {
		return "", 0, errors.New("line goes on")
	}
	if i := strings.IndexByte(`abfnrtv\"'s`, s[0]); i >= 0 {
		return "\a\b\f\n\r\t\v\\\"' "[i : i+1], 1, nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if digits == 0 || len(s) <= digits {
		return "", 0, errors.New("unknown escape")
	}
	r, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	return string(rune(r)), 1 + digits, err
}

func systemdExpand(s string, mark byte) (string, error) {
	double := strings.Repeat(string(mark), 2)
	if strings.IndexByte(strings.ReplaceAll(s, double, ""), mark) >= 0 {
		return "", fmt.Errorf("live %c in %s", mark, s)
	}
	return strings.ReplaceAll(s, double, string(mark)), nil
}

func FuzzSystemd(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Systemd([]string{s, "x", s})
		if err != nil {
			if !broken(s) && !strings.ContainsFunc(s, noncharacter) {
				t.Fatal(err)
			}
			return
		}
		if got, err := unSystemd(lit, true); err != nil || len(got) != 3 || got[0] != s || got[1] != "x" || got[2] != s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, err)
		}
		lit = write(t, func(s string) (string, error) { return SystemdEnv("A", s) }, s)
		if got, err := unSystemd(lit, false); err != nil || len(got) != 1 || got[0] != "A="+s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, err)
		}
		if v, err := SystemdValue(s); err == nil {
			if got, err := systemdExpand(v, '%'); err != nil || got != s || strings.HasSuffix(v, `\`) {
				t.Fatalf("%q: %s: %q, %v", s, v, got, err)
			}
		}
		oneLine(t, write(t, SystemdComment, s))
	})
}

// The real systemd loads units in its test mode, starts nothing, and prints what it
// understood: arguments after specifiers but before variables, the rest as it is.
func TestSystemdReadBack(t *testing.T) {
	tool := tooltest.Need(t, "/lib/systemd/systemd")
	var args, values []string
	for _, s := range hostile(6000) {
		if _, err := Systemd(s); err == nil {
			args = append(args, s)
		}
		if _, err := SystemdValue(s); err == nil && s != "" && len(values) < 1000 {
			values = append(values, s)
		}
	}
	units := map[string]string{}
	var b, target strings.Builder
	b.WriteString("[Service]\nType=oneshot\n")
	for i, s := range args {
		b.WriteString("# " + write(t, SystemdComment, s) + "\nExecStart=/bin/echo " + write(t, Systemd, any([]string{s, "x"})) + "\n")
		b.WriteString("Environment=" + write(t, func(s string) (string, error) { return SystemdEnv(fmt.Sprintf("V%d", i), s) }, s) + "\n")
	}
	units["args.service"] = b.String()
	target.WriteString("[Unit]\nWants=args.service\n")
	for i, s := range values {
		name := fmt.Sprintf("value%d.service", i)
		target.WriteString("Wants=" + name + "\n")
		units[name] = "[Unit]\nDescription=" + write(t, SystemdValue, s) + "\nAfter=basic.target\n[Service]\nExecStart=/bin/true\n"
	}
	units["default.target"] = target.String()
	dump := systemdDump(t, tool, units)

	var got []string
	for line := range strings.SplitSeq(dump, "\n") {
		if word, ok := strings.CutPrefix(line, "\t\t\tCommand Line: /bin/echo "); ok {
			got = append(got, unSystemdDump(t, strings.TrimSuffix(word, " x")))
		}
	}
	compare(t, got, args)
	rest := dump
	for i, s := range args { // values hold newlines, so lines are no help
		want, found := fmt.Sprintf("\t\tEnvironment: V%d=%s\n", i, s), false
		if _, rest, found = strings.Cut(rest, want); !found {
			t.Fatalf("no %q", want)
		}
	}
	unit := map[string]string{}
	for text := range strings.SplitSeq(dump, "\t-> Unit ") {
		name, text, _ := strings.Cut(text, ":\n")
		unit[name] = text
	}
	for i, s := range values {
		want := "\t\tDescription: " + s + "\n"
		if name := fmt.Sprintf("value%d.service", i); !strings.HasPrefix(unit[name], want) {
			t.Errorf("%s: no %q", name, want)
		}
	}
	t.Logf("read back %d variables, %d descriptions", len(args), len(values))
}

// unSystemdDump reads systemd's shell-like quoting of one argument, then $$.
func unSystemdDump(t *testing.T, s string) string {
	t.Helper()
	if strings.HasPrefix(s, `"`) {
		var b strings.Builder
		for s = s[1 : len(s)-1]; s != ""; {
			switch {
			case s[0] != '\\':
				b.WriteByte(s[0])
				s = s[1:]
			case s[1] >= '0' && s[1] <= '7':
				n, err := strconv.ParseUint(s[1:4], 8, 8)
				if err != nil {
					t.Fatal(err)
				}
				b.WriteByte(byte(n))
				s = s[4:]
			default:
				if i := strings.IndexByte("abfnrtv", s[1]); i >= 0 {
					b.WriteByte("\a\b\f\n\r\t\v"[i])
				} else {
					b.WriteByte(s[1])
				}
				s = s[2:]
			}
		}
		s = b.String()
	}
	s, err := systemdExpand(s, '$')
	if err != nil {
		t.Error(err)
	}
	return s
}

// systemdDump runs `systemd --user --test` over units, which refuses to be root.
func systemdDump(t *testing.T, tool string, units map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vmloom-systemd") // t.TempDir is closed to nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range units {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	cmd := exec.Command(tool, "--user", "--test", "--unit=default.target")
	cmd.Env = []string{"HOME=" + run, "XDG_RUNTIME_DIR=" + run, "SYSTEMD_UNIT_PATH=" + dir}
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := os.Chown(run, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Logf("systemd says: %s", stderr.String())
	}
	return string(out)
}
