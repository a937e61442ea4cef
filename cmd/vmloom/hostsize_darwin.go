package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// hostSize is the machine's number of processors and its memory in bytes; 0: not known.
func hostSize() (cpus int, memory int64) {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return runtime.NumCPU(), 0
	}
	return runtime.NumCPU(), int64(bytes)
}
