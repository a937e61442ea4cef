package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// hostSize is the machine's number of processors and its memory in bytes; 0: not known.
func hostSize() (cpus int, memory int64) {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return runtime.NumCPU(), 0
	}
	return runtime.NumCPU(), int64(info.Totalram) * int64(info.Unit)
}
