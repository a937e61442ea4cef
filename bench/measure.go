package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
}

// bed is where and with what is measured.
type bed struct{ vmloom, self, dir string }

// measure makes n profiles, and runs gen and the limits over them in turn.
func measure(b bed, n int) (s sample, err error) {
	s.Profiles = n
	profiles := filepath.Join(b.dir, "profiles")
	if err := writeProfiles(profiles, n); err != nil {
		return s, err
	}
	time.Sleep(200 * time.Millisecond) // what is younger than a tick of the clock gen does not remember, and nobody types so fast
	copied := filepath.Join(b.dir, "copied")
	for _, run := range []struct {
		to   *cost
		does func() (cost, error)
	}{
		{&s.First, func() (cost, error) { return b.gen(profiles) }},
		{&s.Write, func() (cost, error) { return b.limit("write", profiles, copied) }},
		{&s.Unchanged, func() (cost, error) { return b.gen(profiles) }},
		{&s.Stat, func() (cost, error) { return b.limit("stat", profiles) }},
		{&s.Check, func() (cost, error) { return b.gen("--check", profiles) }},
		{&s.Read, func() (cost, error) { return b.limit("read", profiles, copied) }},
		{&s.Strict, func() (cost, error) { return b.gen("--check", "--strict", profiles) }},
		{&s.OneChanged, func() (cost, error) {
			if err := os.WriteFile(profileFile(profiles, n/2), []byte(profileText(n/2, 17)), 0o644); err != nil {
				return cost{}, err
			}
			return b.gen(profiles)
		}},
	} {
		if *run.to, err = run.does(); err != nil {
			return s, err
		}
	}
	s.Files, s.Bytes, err = count(copied)
	if err == nil {
		err = os.RemoveAll(b.dir)
	}
	return s, err
}

// gen is a whole process of vmloom.
func (b bed) gen(args ...string) (cost, error) {
	cmd := exec.Command(b.vmloom, append([]string{"gen", "-q"}, args...)...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("vmloom gen: %w\n%s", err, talk.Bytes())
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
