package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// initLine is what GODEBUG=inittrace=1 says of a package: its path and the bytes that it allocates before main.
var initLine = regexp.MustCompile(`(?m)^init (vmloom/\S+) @.* (\d+) bytes, `)

// TestInit: every command pays for what a package makes before main, so a pattern that few commands need is
// compiled at its first use, and a table made there.
func TestInit(t *testing.T) {
	const much = 32 << 10 // bytes
	may := []string{
		"vmloom/cmd/vmloom", // patterns of its tests, which are in this program
		"vmloom/engine",     // tables of failures
		"vmloom/profile",    // words of mistakes, by section
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	lines := initLine.FindAllSubmatch(out, -1)
	if len(lines) < 5 {
		t.Fatalf("tells nothing:\n%s", out)
	}
	for _, line := range lines {
		name := string(line[1])
		if n, _ := strconv.Atoi(string(line[2])); n > much && !slices.Contains(may, name) {
			t.Errorf("%s: allocates %d bytes before main", name, n)
		}
	}
}
