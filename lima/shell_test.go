package lima

import (
	"os/exec"
	"testing"

	"vmloom/internal/tooltest"
)

// TestShell: the line is that of limactl shell (cmd/limactl/shell.go of Lima 2.2), and gives each word as it was.
func TestShell(t *testing.T) {
	const template = "mounts:\n- location: ~/src\n  writable: true\n- location: /data\nuser:\n  name: ada\n  shell: /bin/sh\n"
	for _, tt := range []struct {
		template, dir string
		words         []string
		want          string
	}{
		{template, "/home/ada/src/a b", nil, `cd '/home/ada/src/a b' || cd '/home/ada' ; exec '/bin/sh' -l`},
		{template, "/data", []string{"true"}, `cd '/data' || cd '/home/ada' ; exec '/bin/sh' -l -c ''"'"'true'"'"''`},
		{template, "/home/ada/srcs", nil, `false ; exec '/bin/sh' -l`},
		{"mounts: [{location: '~'}]\nuser: {shell: /bin/zsh}\n", "/tmp", nil, `cd '/home/ada' ; exec '/bin/zsh' -l`},
		{"user: {name: ada}\n", "/tmp", nil, ""}, // its shell is not told
		{"os: Windows\nuser: {shell: cmd.exe}\n", "/tmp", nil, ""},
		{"mounts: [{location: '{{.Dir}}/x'}]\nuser: {shell: /bin/sh}\n", "/tmp", nil, ""},
		{template, "/tmp", []string{"A=b", "env"}, ""},
		{"no YAML: [", "/tmp", nil, ""},
	} {
		line, ok := Shell([]byte(tt.template), tt.dir, "/home/ada", func(path string) string { return path }, tt.words)
		if line != tt.want || ok != (tt.want != "") {
			t.Errorf("%q in %s: %s, %t, want %s", tt.words, tt.dir, line, ok, tt.want)
		}
	}
	sh := tooltest.Need(t, "sh")
	line, _ := Shell([]byte(template), "/tmp", "/home/ada", func(path string) string { return path }, []string{"printf", "<%s>", "it's", "", `$HOME "x" \n`, "a=b", "-l"})
	out, err := exec.Command(sh, "-c", line).Output()
	if want := `<it's><><$HOME "x" \n><a=b><-l>`; string(out) != want || err != nil {
		t.Errorf("%s: %v, want %s", out, err, want)
	}
}
