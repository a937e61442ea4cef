package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const head = "version: 1\nname: tiny\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\", user: {name: dev}%s}\n%s"

func repeated(n int, sep, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(strings.ReplaceAll(format, "%", "%[1]"), i)
		if !strings.Contains(format, "%") {
			parts[i] = format
		}
	}
	return strings.Join(parts, sep)
}

// grown are profiles that grow with n where something of every value's or every
// pair's might grow too. The text of each is right or wrong a hundred times over.
var grown = map[string]func(n int) string{
	"empty mounts in one line": func(n int) string { return fmt.Sprintf(head, "", "mounts: ["+repeated(n, ",", "{}")+"]") },
	"bad mounts in one line":   func(n int) string { return fmt.Sprintf(head, "", "mounts: ["+repeated(n, ",", "{host: a%d}")+"]") },
	"bad packages in one line": func(n int) string { return fmt.Sprintf(head, ", packages: ["+repeated(n, ",", "zzq%d")+"]", "") },
	"unknown tags in one line": func(n int) string { return fmt.Sprintf(head, "", "lima: {extra: {a: ["+repeated(n, ",", "!a 1")+"]}}") },
	"one key again, in one line": func(n int) string {
		return fmt.Sprintf(head, "", "lima: {extra: {"+repeated(n, ",", "a: 1")+"}}")
	},
	"unknown keys":      func(n int) string { return fmt.Sprintf(head, "", repeated(n, "\n", "k%d: 1")) },
	"sections again":    func(n int) string { return fmt.Sprintf(head, "", repeated(n, "\n", "mounts: []")) },
	"alias in itself":   func(n int) string { return fmt.Sprintf(head, "", "mounts: &m ["+repeated(n, ",", "*m")+"]") },
	"documents":         func(n int) string { return repeated(n, "\n", "---") + "\n" },
	"documents of text": func(n int) string { return repeated(n, "\n", "---\na: 1") },
	"sockets": func(n int) string {
		return fmt.Sprintf(head, "", "sockets:\n"+repeated(n/2, "\n", "- {name: s%d, host: /s%d}"))
	},
	"sockets and mounts": func(n int) string {
		return fmt.Sprintf(head, "", "sockets:\n"+repeated(n/4, "\n", "- {name: s%d, host: /s%d}")+"\nmounts:\n"+repeated(n/4, "\n", "- {host: /m%d}"))
	},
	"sockets at one path": func(n int) string {
		return fmt.Sprintf(head, "", "sockets:\n"+repeated(n/2, "\n", "- {name: s%d, host: /s%d, guest: /run/x/y}"))
	},
	"ports": func(n int) string {
		return fmt.Sprintf(head, "", "ports:\n"+repeated(n, "\n", "- {guest: %d, host: %d}"))
	},
	"variables": func(n int) string { return fmt.Sprintf(head, ", env: {"+repeated(n, ",", "A%d: b")+"}", "") },
	"paths": func(n int) string {
		return fmt.Sprintf(head, "", "lima: {extra: {"+repeated(80, "", strings.Repeat("a", 200)+": {")+repeated(n, ",", "a%d: 1")+strings.Repeat("}", 82))
	},
	"provisions": func(n int) string {
		return fmt.Sprintf(head, "", "lima: {extra: {provision: ["+repeated(n/3, ",", "{mode: system, script: a}")+"]}}")
	},
}

// spentOn is what a run of the program costs: bytes that it took, and printed.
func spentOn(t *testing.T, args ...string) (taken, printed int) {
	t.Helper()
	var before, after runtime.MemStats
	var out bytes.Buffer
	runtime.ReadMemStats(&before)
	status := run(append([]string{"vmloom"}, args...), &out, &out)
	runtime.ReadMemStats(&after)
	if status == 2 {
		t.Fatalf("%.2000s", out.String())
	}
	return int(after.TotalAlloc - before.TotalAlloc), out.Len()
}

// TestLinear holds that a profile of twice the size costs about twice as much,
// in memory and in what is printed, however wrong it is, and that what is
// printed is short unless all is asked for.
func TestLinear(t *testing.T) {
	const n, most = 800, 40_000
	dir := t.TempDir()
	for name, text := range grown {
		t.Run(name, func(t *testing.T) {
			file := func(n int) string {
				file := filepath.Join(dir, fmt.Sprintf("%d.%s", n, defaultProfile))
				if err := os.WriteFile(file, []byte(text(n)), 0o644); err != nil {
					t.Fatal(err)
				}
				return file
			}
			spentOn(t, "check", file(n)) // what is made once
			for _, flag := range []string{"--quiet", "--json", "--all-problems"} {
				once, said := spentOn(t, "check", flag, file(n))
				twice, saidTwice := spentOn(t, "check", flag, file(2*n))
				if twice > once*5/2+100_000 || saidTwice > said*5/2+2000 {
					t.Errorf("%s: %d values take %d bytes and print %d, %d take %d and print %d", flag, n, once, said, 2*n, twice, saidTwice)
				}
				if flag != "--all-problems" && saidTwice > most {
					t.Errorf("%s: %d bytes are printed", flag, saidTwice)
				}
			}
		})
	}
}

// TestLinearAdopt is TestLinear for what adopt reads beside the template.
func TestLinearAdopt(t *testing.T) {
	dir := t.TempDir()
	template := filepath.Join(dir, "lima.yaml")
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(template, "base: template:_images/debian-13\n")
	for name, c := range map[string]struct {
		flag string
		text func(n int) string
	}{
		"nested domains":   {"--wezterm", func(n int) string { return repeated(n, "", "ssh_domains={") }},
		"domains in a row": {"--wezterm", func(n int) string { return repeated(n, " ", "ssh_domains={{name='a',remote_address='127.0.0.1:22'}}") }},
		"nested keys": {"--wezterm", func(n int) string {
			return "ssh_domains={{name='a',remote_address='127.0.0.1:22'}} " + repeated(n, "", "{key='a',mods='CMD',")
		}},
		"brackets":      {"--wezterm", func(n int) string { return repeated(n, "", "[=") }},
		"long brackets": {"--wezterm", func(n int) string { return repeated(n, "", "--[[") }},
		"ports":         {"--ssh-config", func(n int) string { return "Host lima-default\n" + repeated(n, "\n", "Port %d") }},
		"texts in a plist": {"--plist", func(n int) string {
			return "<plist><dict><key>a</key><string>" + repeated(n, "<!-- -->", "aaaaaaaa") + "</string></dict></plist>"
		}},
		"tildes in one line": {"--plist", func(n int) string {
			return "<plist><dict><key>ProgramArguments</key><array><string>limactl</string><string>start</string>" + repeated(n, "", "<string>~</string>") + "</array></dict></plist>"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			const n, most = 1000, 60_000
			input := func(n int) string {
				file := filepath.Join(dir, fmt.Sprint(n))
				write(file, c.text(n))
				return file
			}
			spentOn(t, "adopt", c.flag, input(n), template)
			once, said := spentOn(t, "adopt", c.flag, input(n), template)
			twice, saidTwice := spentOn(t, "adopt", c.flag, input(2*n), template)
			if twice > once*5/2+100_000 || saidTwice > said*5/2+2000 || saidTwice > most {
				t.Errorf("%d take %d bytes and print %d, %d take %d and print %d", n, once, said, 2*n, twice, saidTwice)
			}
		})
	}
}
