package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what a process took.
type cost struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes of memory; 0: not measured
}

// sample is what one number of profiles took, each run of gen with its limit.
type sample struct {
	Profiles, Files int
	Bytes           int64
	First, Write    cost
	Unchanged, Stat cost
	Check, Read     cost
	OneChanged      cost
	Strict          cost
	Empty           cost // a program that does nothing
	Nix, Gomplate   cost // like files, by these; 0: it is not installed
}

// bed is where and with what is measured.
type bed struct{ vmloom, empty, self, dir string }

// step is something that is run, and where it is noted what it took.
type step struct {
	to   *cost
	does func() (cost, error)
}

// measure makes n profiles, and runs gen and the limits over them in turn.
func measure(b bed, n, rounds int) (s sample, err error) {
	s.Profiles = n
	profiles := filepath.Join(b.dir, "profiles")
	if err := writeProfiles(profiles, n); err != nil {
		return s, err
	}
	settle()
	copied := filepath.Join(b.dir, "copied")
	if err := inTurn(1, []step{
		{&s.First, func() (cost, error) { return b.gen(profiles) }},
		{&s.Write, func() (cost, error) { return b.limit("write", profiles, copied) }},
	}); err != nil {
		return s, err
	}
	if s.Files, s.Bytes, err = count(copied); err != nil {
		return s, err
	}
	gib := 16
	steps := []step{
		{&s.Empty, func() (cost, error) { return process(b.empty) }},
		{&s.Unchanged, func() (cost, error) { return b.gen(profiles) }},
		{&s.OneChanged, func() (cost, error) {
			gib++
			if err := os.WriteFile(profileFile(profiles, n/2), []byte(profileText(n/2, gib)), 0o644); err != nil {
				return cost{}, err
			}
			settle()
			return b.gen(profiles)
		}},
		{&s.Stat, func() (cost, error) { return b.limit("stat", profiles) }},
		{&s.Check, func() (cost, error) { return b.gen("--check", profiles) }},
	}
	if err := inTurn(rounds, steps); err != nil {
		return s, err
	}
	// The copy is of what was made first.
	if err := os.WriteFile(profileFile(profiles, n/2), []byte(profileText(n/2, 8+n/2%8)), 0o644); err != nil {
		return s, err
	}
	if _, err := b.gen(profiles); err != nil {
		return s, err
	}
	last := []step{
		{&s.Read, func() (cost, error) { return b.limit("read", profiles, copied) }},
		{&s.Strict, func() (cost, error) { return b.gen("--check", "--strict", profiles) }},
	}
	const most = 1000 // nix holds all of them in memory
	if nix, err := exec.LookPath("nix"); err == nil && n <= most {
		last = append(last, step{&s.Nix, func() (cost, error) { return b.nix(nix, profiles, n) }})
	}
	if gomplate, err := exec.LookPath("gomplate"); err == nil && n <= most {
		last = append(last, step{&s.Gomplate, func() (cost, error) { return b.gomplate(gomplate, profiles, n) }})
	}
	if err := inTurn(1, last); err != nil {
		return s, err
	}
	return s, os.RemoveAll(b.dir)
}

// settle waits until what was written is older than a tick of the clock: gen does not remember what is younger, and
// nobody types so fast.
func settle() { time.Sleep(200 * time.Millisecond) }

// inTurn runs the steps one after the other, several times, and notes of each the run that is in the middle by its CPU.
func inTurn(rounds int, steps []step) error {
	all := make([][]cost, len(steps))
	for range rounds {
		for i, s := range steps {
			c, err := s.does()
			if err != nil {
				return err
			}
			all[i] = append(all[i], c)
		}
	}
	for i, s := range steps {
		slices.SortFunc(all[i], func(a, b cost) int { return cmp.Compare(a.CPU, b.CPU) })
		*s.to = all[i][rounds/2]
	}
	return nil
}

// gen is a whole process of vmloom.
func (b bed) gen(args ...string) (cost, error) {
	return process(b.vmloom, append([]string{"gen", "-q"}, args...)...)
}

// process runs a program, and tells what that took.
func process(program string, args ...string) (cost, error) {
	cmd := exec.Command(program, args...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", program, err, talk.Bytes())
	}
	c := cost{Wall: time.Since(began), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.Peak = int64(usage.Maxrss)
		if runtime.GOOS == "linux" {
			c.Peak <<= 10 // it counts in KiB
		}
	}
	return c, nil
}

// limit is a process of this program, which says itself what its work took.
func (b bed) limit(name string, dirs ...string) (c cost, err error) {
	out, err := exec.Command(b.self, append([]string{"-limit", name}, dirs...)...).Output()
	if err != nil {
		return c, fmt.Errorf("limit %s: %w", name, err)
	}
	return c, json.Unmarshal(out, &c)
}
