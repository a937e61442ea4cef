package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// systemOf is what stands for the content of the system's disk, as a start would find it: with the stand-ins of QEMU, the
// snapshots under the present disk.
func (s *stepping) systemOf(runner string) string {
	if runner == "lima" {
		data, err := os.ReadFile(filepath.Join(s.home, ".lima/vm/disk"))
		must(s.t, err)
		return string(data)
	}
	at, all := "system.qcow2", ""
	for {
		data, err := os.ReadFile(filepath.Join(s.home, ".local/state/vmloom/dev", at))
		must(s.t, err)
		over, rest, _ := strings.Cut(string(data), "\n")
		all += rest
		if at = strings.TrimPrefix(over, "over "); strings.HasPrefix(at, "image-") {
			return all
		}
	}
}

func (s *stepping) writeSystem(runner, text string) {
	file := filepath.Join(s.home, ".lima/vm/disk")
	if runner == "qemu" {
		file = filepath.Join(s.home, ".local/state/vmloom/dev/system.qcow2")
		data, err := os.ReadFile(file)
		must(s.t, err)
		over, _, _ := strings.Cut(string(data), "\n")
		text = over + "\n" + text
	}
	must(s.t, os.WriteFile(file, []byte(text), 0o666))
}

// TestKilledSnapshots kills the taking of a snapshot and the restore of one before their commands: the system is the old
// one or the new one, the home stays, and the same command again does it. A sample; VMLOOM_FULL=1 tries each command.
func TestKilledSnapshots(t *testing.T) {
	for runner, fresh := range map[string]func(*testing.T, bool) *stepping{"lima": newStepping, "qemu": newQEMUStepping} {
		for _, verb := range []string{"take", "restore"} {
			t.Run(runner+"/"+verb, func(t *testing.T) {
				t.Parallel()
				killedSnapshot(t, runner, verb, fresh)
			})
		}
	}
}

func killedSnapshot(t *testing.T, runner, verb string, fresh func(*testing.T, bool) *stepping) {
	begin := func() *stepping {
		s := fresh(t, true)
		s.writeSystem(runner, "first\n")
		if verb == "restore" {
			if status, said := s.run(0, "snapshot", "take", "one", "--stop"); status != 0 {
				t.Fatal(said)
			}
			s.writeSystem(runner, "second\n")
		}
		return s
	}
	s := begin()
	was := s.systemOf(runner)
	if status, said := s.run(0, "snapshot", verb, "one", "--stop", "--yes"); status != 0 {
		t.Fatal(said)
	}
	is := s.systemOf(runner)
	if verb == "restore" && (is == was || is != "first\n") {
		t.Fatalf("%q became %q", was, is)
	}
	count, err := os.ReadFile(s.steps)
	must(t, err)
	every := max(1, len(count)/3)
	if tooltest.Full() {
		every = 1
	}
	killed := 0
	for n := every; n <= len(count); n += every {
		s := begin()
		if status, said := s.run(n, "snapshot", verb, "one", "--stop", "--yes"); status == -1 {
			killed++
		} else if status != 0 {
			t.Errorf("command %d of %d: not killed: status %d\n%s", n, len(count), status, said)
		}
		// Whoever starts it meanwhile finds it whole.
		if status, said := s.run(0, "create"); status != 0 {
			t.Errorf("command %d: does not start: %s", n, said)
		}
		if now := s.systemOf(runner); now != was && now != is {
			t.Errorf("command %d of %d: %q, and neither %q nor %q", n, len(count), now, was, is)
		}
		status, said := s.run(0, "snapshot", verb, "one", "--stop", "--yes")
		if done := strings.Contains(said, "is there already"); status != 0 && !(verb == "take" && done) {
			t.Errorf("command %d of %d: again: status %d\n%s", n, len(count), status, said)
		}
		if now := s.systemOf(runner); now != is {
			t.Errorf("command %d of %d: again: %q, want %q", n, len(count), now, is)
		}
		if notes, err := os.ReadFile(s.notes); !strings.Contains(string(notes), "notes of years\n") {
			t.Fatalf("command %d: the home is lost: %q, %v", n, notes, err)
		}
	}
	if killed == 0 {
		t.Error("never killed")
	}
	t.Logf("%d commands, killed before %d of them", len(count), killed)
}
