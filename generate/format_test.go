package generate_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/generate"
	"vmloom/internal/tooltest"
)

var release = flag.String("release", "", "note the output format in testdata/formats.txt as that of this version")

// released is a line of testdata/formats.txt.
type released struct {
	format        int
	version, hash string
}

// TestFormat holds the number of the output format to what the golden trees say: what two
// released versions make differs exactly if their numbers do.
func TestFormat(t *testing.T) {
	file := filepath.Join(tooltest.Repository(t), "testdata", "formats.txt")
	text, err := os.ReadFile(file)
	must(t, err)
	lines := releases(t, string(text))
	now := released{generate.Format, *release, goldenHash(t)}
	if fault := formatFault(lines, now); fault != "" {
		t.Fatal(fault)
	}
	if *release != "" {
		line := fmt.Sprintf("%d %s %s\n", now.format, now.version, now.hash)
		must(t, os.WriteFile(file, append(text, line...), 0o644))
	}
}

func releases(t *testing.T, text string) (out []released) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var r released
		if _, err := fmt.Sscan(line, &r.format, &r.version, &r.hash); err != nil {
			t.Fatalf("testdata/formats.txt: %q: %v", line, err)
		}
		out = append(out, r)
	}
	return out
}

// formatFault says what to do where the number is not what it should be; empty: it is.
func formatFault(lines []released, now released) string {
	last := released{0, "before the first release", ""}
	if len(lines) > 0 {
		last = lines[len(lines)-1]
	}
	switch {
	case now.hash == last.hash && now.format != last.format:
		return fmt.Sprintf("the golden trees are those of %s, so Format in generate/manifest.go is to be %d again", last.version, last.format)
	case now.hash != last.hash && now.format != last.format+1:
		return fmt.Sprintf("what vmloom makes has changed since %s, whose output format was %d: set Format in generate/manifest.go to %d, and say in CHANGELOG.md what differs",
			last.version, last.format, last.format+1)
	}
	return ""
}

func TestFormatFault(t *testing.T) {
	one := []released{{1, "v1.0.0", "aaa"}}
	for _, tt := range []struct {
		lines []released
		now   released
		want  string
	}{
		{nil, released{1, "", "aaa"}, ""},
		{nil, released{2, "", "aaa"}, "set Format in generate/manifest.go to 1,"},
		{one, released{1, "", "aaa"}, ""},
		{one, released{2, "", "aaa"}, "is to be 1 again"},
		{one, released{1, "", "bbb"}, "set Format in generate/manifest.go to 2,"},
		{one, released{2, "", "bbb"}, ""},
		{one, released{3, "", "bbb"}, "to 2,"},
		{append(one, released{1, "v1.0.1", "aaa"}, released{2, "v1.1.0", "bbb"}), released{2, "", "aaa"}, "to 3,"},
	} {
		if got := formatFault(tt.lines, tt.now); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%v after %v: %q, want %q", tt.now, tt.lines, got, tt.want)
		}
	}
}

// goldenHash is that of every file that the golden trees have, but the manifests: they have the number.
func goldenHash(t *testing.T) string {
	h := sha256.New()
	for _, profile := range tooltest.Goldens(t) {
		for _, kind := range []string{"generated", "generated.local"} {
			dir := filepath.Join(filepath.Dir(profile), kind)
			if _, err := os.Stat(dir); err != nil {
				continue
			}
			files := tree(t, dir)
			for _, name := range slices.Sorted(maps.Keys(files)) {
				if filepath.Base(name) != generate.ManifestName {
					fmt.Fprintf(h, "%s/%s/%s\n%d\n%s", nameOf(t, profile), kind, name, len(files[name]), files[name])
				}
			}
		}
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}
