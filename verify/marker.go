package verify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vmloom/process"
)

// markerName begins the name of each file that a check makes to look whether it
// can: a run that was killed leaves one, and a later run takes it away.
const markerName = ".vmloom-verify-"

// markerAge is how old a marker is of which no run can be.
const markerAge = time.Hour

// marker is the file of this run in a directory.
func marker(s *Site, dir string) string { return dir + "/" + markerName + s.Token }

// sweep takes away what killed runs left in a directory of the host.
func sweep(dir string, now time.Time) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), markerName) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > markerAge {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// sweepLine is sweep as a line of sh for a directory of the guest.
func sweepLine(dir string) string {
	return "find " + shWord(dir) + " -maxdepth 1 -type f -name " + shWord(markerName+"*") + " -mmin +60 -exec rm -f {} + 2>/dev/null; true"
}

// tidy runs a command that cleans up: what ended the check does not end it.
func (s *session) tidy(ctx context.Context, c process.Cmd) answer {
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultTimeout)
	defer cancel()
	return s.command(free, c)
}
