// Package lima is all that is known of Lima and does not depend on a profile:
// what limactl prints and writes, what a template may hold, Lima's defaults and
// limits, its images, and the versions that do not work. In go the texts that
// limactl gives and names of instances; out come values, paths and verdicts. It
// never runs a tool, reads a file or speaks to the user, and imports nothing of
// ours.
//
// The facts are those of Lima 2.2.0. When Lima 2.3 comes, this is the package to
// review, file by file, beside the words of failures in engine/limactlfailures.go
// and the recordings in testdata/limactl.
package lima
