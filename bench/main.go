// Command bench measures vmloom gen over many profiles, beside what nobody can do faster: the writing, the stat and
// the reading of the same files, and what nix and gomplate take for like ones where they are installed. In go a number
// of profiles and a directory to work in; out come a table of ratios and a plot. It runs vmloom and itself as whole
// processes, one after the other, and asserts nothing: figures differ from machine to machine, and only those of one run
// may be compared.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	dir := flag.String("dir", "", "directory to work in; one of its own below the temporary one by default: a tmpfs shows vmloom, a disk shows the disk")
	sizes := flag.String("n", "1,100,1000", "numbers of profiles")
	rounds := flag.Int("rounds", 5, "how often what takes little is run, in turns: medians are told")
	binary := flag.String("vmloom", "", "the vmloom to measure; that of this source by default")
	svg := flag.String("svg", "", "file for the plot")
	limit := flag.String("limit", "", "for itself: be the limit of this name over the directories that follow")
	flag.Parse()
	var err error
	if *limit != "" {
		err = beLimit(*limit, flag.Args())
	} else {
		err = bench(*dir, *sizes, *binary, *svg, max(1, *rounds))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench measures each size in a directory that goes when it is done.
func bench(dir, sizes, binary, svg string, rounds int) error {
	work, err := os.MkdirTemp(dir, "vmloom-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if binary == "" {
		binary = filepath.Join(work, "vmloom")
		if err := build(binary, "vmloom/cmd/vmloom"); err != nil {
			return err
		}
	}
	empty := filepath.Join(work, "empty")
	if err := os.WriteFile(empty+".go", []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	if err := build(empty, empty+".go"); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var all []sample
	for word := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("-n %s: must be numbers of profiles, such as 1,100,1000", sizes)
		}
		one, err := measure(bed{vmloom: binary, empty: empty, self: self, dir: filepath.Join(work, word)}, n, rounds)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	fmt.Print(table(all))
	if svg == "" {
		return nil
	}
	return os.WriteFile(svg, []byte(plot(all)), 0o644)
}

// build makes a program as releases are made.
func build(program, of string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", program, of)
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}
