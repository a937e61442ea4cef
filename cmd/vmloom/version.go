package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
)

// release is for whoever builds without Git's history: -ldflags "-X main.release=1.2.3".
var release string

// versionJSON is what this program is.
type versionJSON struct {
	format
	// Version is that of the module, or (devel) where it was built from a checkout.
	Version string `json:"version"`
	// Commit it was built from, with a + where files were changed; empty: not known.
	Commit string `json:"commit,omitempty"`
	Go     string `json:"go"`
	// Platform is OS/ARCH in Go's words.
	Platform string `json:"platform"`
	// Output is the number of what it makes of a profile, which .vmloom.json has too.
	Output int `json:"outputFormat"`
}

func versionCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:   "version",
		Usage:  "what this is: version, commit, Go, platform",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON document"}},
		Action: func(c *cli.Context) error { return u.version(c.Bool("json")) },
	}
}

func (u *ui) version(asJSON bool) error {
	v := thisVersion()
	if asJSON {
		return u.json(v)
	}
	commit := ""
	if v.Commit != "" {
		commit = ", commit " + v.Commit
	}
	_, err := fmt.Fprintf(u.out, "vmloom %s%s, %s, %s, output format %d\n", v.Version, commit, v.Go, v.Platform, v.Output)
	return err
}

// thisVersion is read from what the Go linker noted.
func thisVersion() versionJSON {
	v := versionJSON{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Output: generate.Format}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = cmp.Or(release, info.Main.Version, v.Version)
	changed := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+"
			}
		}
	}
	if v.Commit != "" {
		v.Commit += changed
	}
	return v
}
