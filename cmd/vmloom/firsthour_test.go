package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/internal/tooltest"
)

// transcript is a page of which every command is run, in blocks console behind a $: what was answered stands below.
// A block whose first line is "# NAME.yaml" is what its reader writes to that file.
type transcript struct {
	page string
	// least is how many commands it has; each is a page of several beginnings, one a section.
	least int
	each  bool
	// home is that of whoever types.
	home string
	// tools are what stands in, sockets of the home what listens.
	tools, sockets []string
}

func transcripts() []transcript {
	return []transcript{
		{page: "first-hour.md", least: 12, each: true, home: "/home/ada"},
		{
			page: "tutorial-mac.md", least: 14, home: "/Users/ada", sockets: []string{".colima/default/docker.sock"},
			tools: []string{"limactl", "lima", "ssh", "sleep", "launchctl"},
		},
		{page: "tutorial-guix.md", least: 10, home: "/home/ada", tools: []string{"guix"}},
	}
}

// TestFirstHour runs the transcripts of docs/; -update writes down what is answered.
func TestFirstHour(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the transcripts are those of a Linux host")
	}
	tooltest.Need(t, "git")
	bin := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(bin, "vmloom"))) // TestMain knows it by that name
	for _, ts := range transcripts() {
		t.Run(ts.page, func(t *testing.T) {
			page := filepath.Join(repo, "../../docs", ts.page)
			src, err := os.ReadFile(page)
			must(t, err)
			got, ran := newTyping(t, ts, bin).page(string(src))
			if ran < ts.least {
				t.Errorf("only %d commands found", ran)
			}
			if *update {
				must(t, os.WriteFile(page, []byte(got), 0o644))
			} else if d := cmp.Diff(got, string(src)); d != "" {
				t.Errorf("the transcript is another; go test ./cmd/vmloom -run TestFirstHour -update writes it:\n%s", d)
			}
		})
	}
}

// roomy is a df of a disk with room.
const roomy = "#!/bin/sh\necho 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/disk3s5 482797652 251452480 175234567 59% /'\n"

// typing is somebody who goes through a page.
type typing struct {
	*testing.T
	transcript
	sh, real, dir string // real is the home that the test made
	env           []string
}

func newTyping(t *testing.T, ts transcript, bin string) *typing {
	home, err := os.MkdirTemp("/tmp", "vm") // a socket's path has 104 characters at most
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	fake := t.TempDir()
	path := fake + ":" + bin + ":" + os.Getenv("PATH")
	if len(ts.tools) > 0 {
		must(t, tooltest.Fake(fake, fakes(), ts.tools...))
		must(t, os.WriteFile(filepath.Join(fake, "df"), []byte(roomy), 0o755))
		path = fake + ":" + filepath.Dir(fakes()) + ":" + bin + ":" + os.Getenv("PATH")
	}
	for _, socket := range ts.sockets {
		listen(t, filepath.Join(home, socket))
	}
	env := append(os.Environ(), "PATH="+path, "HOME="+home, "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "EXAMPLES="+filepath.Join(repo, "../../examples"), "SHELL=/bin/bash")
	p := &typing{t, ts, tooltest.Need(t, "sh"), home, "", env}
	p.begin()
	return p
}

// begin makes the project's directory.
func (p *typing) begin() {
	p.dir = filepath.Join(p.real, "project")
	must(p.T, os.RemoveAll(p.dir))
	must(p.T, os.Mkdir(p.dir, 0o755))
}

// page gives the page with what is answered now, and how many commands there are.
func (p *typing) page(src string) (got string, ran int) {
	var out, file strings.Builder
	block := ""
	for line := range strings.Lines(src) {
		typed, isTyped := strings.CutPrefix(line, "$ ")
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case strings.HasPrefix(line, "## ") && p.each:
			p.begin()
		case fence && block == "yaml":
			p.write(file.String())
			block = ""
		case fence && block != "":
			block = ""
		case fence:
			block = strings.TrimSpace(info)
			file.Reset()
		case block == "yaml":
			file.WriteString(line)
		case block == "console" && !isTyped:
			continue // what was answered the last time
		}
		out.WriteString(line)
		if block == "console" && isTyped {
			ran++
			out.Write(p.answer(typed))
		}
	}
	return out.String(), ran
}

// write is a file that the page shows.
func (p *typing) write(text string) {
	first, _, _ := strings.Cut(text, "\n")
	if name, ok := strings.CutPrefix(first, "# "); ok && strings.HasSuffix(name, ".yaml") {
		must(p.T, os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644))
	}
}

// answer runs a line, and gives what it says, with the home of whoever the page is about.
func (p *typing) answer(line string) []byte {
	line = strings.TrimSpace(line)
	if line == "vmloom apply --yes" {
		p.fill()
	}
	cmd := exec.Command(p.sh, "-c", line)
	cmd.Dir, cmd.Env = p.dir, p.env
	said, _ := cmd.CombinedOutput()
	if line == "vmloom up --yes" || line == "vmloom rebuild --yes" {
		p.fill()
	}
	return shortened(limaLog.ReplaceAll(bytes.ReplaceAll(said, []byte(p.real), []byte(p.home)), nil))
}

// limaLog are lines of limactl's own, which a page leaves out.
var limaLog = regexp.MustCompile(`(?m)^time=".*\n`)

// fill has the stand-in's guest keep the promises of the profile as it is now.
func (p *typing) fill() {
	must(p.T, os.RemoveAll(filepath.Join(p.real, ".lima", "box", "guest")))
	fill := exec.Command(fakes(), "fill", "fill", filepath.Join(p.dir, "vmloom.yaml"))
	fill.Env = p.env
	if out, err := fill.CombinedOutput(); err != nil {
		p.Fatalf("%v: %s", err, out)
	}
}

// listen answers at a socket as a program of the host does, until the test ends.
func listen(t *testing.T, path string) {
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	tooltest.Listen(t, path, func(c net.Conn) { tooltest.Answer(c, false) })
}

// shortened leaves out the middle of a long answer.
func shortened(said []byte) []byte {
	lines := bytes.SplitAfter(said, []byte("\n"))
	if len(lines) < 14 {
		return said
	}
	return bytes.Join(append(append(lines[:5:5], []byte("…\n")), lines[len(lines)-6:]...), nil)
}
