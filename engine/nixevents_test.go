package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateNix = flag.Bool("update-nix", false, "rewrite testdata/nix/*.want")

// TestNixEvents replays event streams of the real nix 2.8 and compares what
// people are told, and each change of the progress.
func TestNixEvents(t *testing.T) {
	logs, err := filepath.Glob("testdata/nix/*.log")
	if err != nil || len(logs) < 6 {
		t.Fatalf("%v: %v", logs, err)
	}
	for _, file := range logs {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replayNix(string(text))
			golden := strings.TrimSuffix(file, ".log") + ".want"
			if *updateNix {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("-want +got; go test ./engine -run TestNixEvents -update-nix rewrites, then read:\n%s", d)
			}
		})
	}
}

// replayNix shows what a parser makes of a stream: text as it is said, and
// progress in brackets whenever it changes.
func replayNix(stream string) string {
	var out strings.Builder
	p := newNixParser()
	var before Progress
	for line := range strings.Lines(stream) {
		if text, show := p.line(strings.TrimSuffix(line, "\n")); show {
			fmt.Fprintln(&out, text)
		}
		if now := p.progress(); now != before {
			before = now
			fmt.Fprintf(&out, "  [%d/%d built, %d/%d bytes, now %q, phase %q, line %q]\n", now.Built, now.Builds, now.Fetched, now.Fetch, now.Now, now.Phase, now.Line)
		}
	}
	return out.String()
}

// TestNixEventsOdd holds what the recordings do not show.
func TestNixEventsOdd(t *testing.T) {
	for _, c := range []struct{ name, stream, want string }{
		{"not of nix", "ssh: connect to host x\n", "ssh: connect to host x\n"},
		{"blank", "\n  \n", ""},
		{"half an event", `@nix {"action":"sta` + "\n", `@nix {"action":"sta` + "\n"},
		{"an array", "@nix [1]\n", "@nix [1]\n"},
		{"an unknown action", `@nix {"action":"dance","id":1}` + "\n", ""},
		{"an error twice", strings.Repeat(`@nix {"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m no"}`+"\n", 2), "error: no\n"},
		{"a warning twice", strings.Repeat(`@nix {"action":"msg","level":1,"msg":"warning: hm"}`+"\n", 2), "warning: hm\nwarning: hm\n"},
		{"talk for developers", `@nix {"action":"msg","level":4,"msg":"evaluating file"}` + "\n", ""},
		{"a title for the terminal", `@nix {"action":"result","id":9,"type":101,"fields":["\u001b]0;owned\u0007x\u001b[2J\ry"]}` + "\n", "> y\n  [0/0 built, 0/0 bytes, now \"\", phase \"\", line \"y\"]\n"},
		{"a remote builder", `@nix {"action":"start","id":1,"level":3,"text":"","type":105,"fields":["/nix/store/grapfngq03y4pchrxw8mp3d30bvxdz7s-a.drv","ssh-ng://big",1,1]}` + "\n",
			"  [0/0 built, 0/0 bytes, now \"a on ssh-ng://big\", phase \"\", line \"\"]\n"},
		{"a parent, as newer ones have", `@nix {"action":"start","id":1,"level":3,"parent":0,"text":"copying path 'x'","type":100,"fields":["/nix/store/grapfngq03y4pchrxw8mp3d30bvxdz7s-a","https://c","local"]}` + "\n" +
			`@nix {"action":"result","id":1,"type":105,"fields":[5,10,0,0]}` + "\n" + `@nix {"action":"stop","id":1}` + "\n",
			"copying path 'x'\n  [0/0 built, 0/0 bytes, now \"a\", phase \"\", line \"\"]\n  [0/0 built, 5/10 bytes, now \"a\", phase \"\", line \"\"]\n  [0/0 built, 5/5 bytes, now \"\", phase \"\", line \"\"]\n"},
		{"fields of other types", `@nix {"action":"start","id":1,"type":105,"fields":[1,{},null]}` + "\n" + `@nix {"action":"result","id":1,"type":105,"fields":["x",-3,1e99]}` + "\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := replayNix(c.stream); got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

// FuzzNixEvents: no input makes it panic, remember without end, or pass a
// control character on to a terminal.
func FuzzNixEvents(f *testing.F) {
	logs, _ := filepath.Glob("testdata/nix/*.log")
	for _, file := range logs {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(`@nix {"action":"result","id":1,"type":106,"fields":[101,9223372036854775807]}`)
	f.Fuzz(func(t *testing.T, stream string) {
		p := newNixParser()
		for line := range strings.Lines(stream) {
			text, _ := p.line(line)
			now := p.progress()
			for _, s := range []string{text, now.Now, now.Phase, now.Line} {
				if i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
					t.Fatalf("%q has %q", s, s[i])
				}
			}
			if now.Built < 0 || now.Fetched < 0 || now.Fetched > now.Fetch || len(now.Now)+len(now.Phase)+len(now.Line) > 3*maxLabel {
				t.Fatalf("%+v", now)
			}
		}
		if len(p.open) > maxActivities || len(p.order) > maxActivities || len(p.errors) > maxErrors || len(p.ended) > 10 || len(p.foretold) > 10 {
			t.Fatalf("it remembers too much: %d %d %d %d %d", len(p.open), len(p.order), len(p.errors), len(p.ended), len(p.foretold))
		}
	})
}
