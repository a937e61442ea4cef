package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

const pictureOfWrong = `flowchart LR
  subgraph host["macOS host"]
    lima["Lima instance default"]
    hs["docker.sock of the host"]
  end
  subgraph guest["a guest"]
    user["ada"]
    gs["docker.sock of the guest"]
  end
  lima -->|"ssh"| user
  gs -->|"socket"| hs
  gs -->|"another"| lima
`

// TestPictures has a browser draw the picture of every golden guide, as it draws it for whoever reads the guide: no
// box, label or title lies over another, each holds its words, and every arrow leads from the host to the guest,
// behind nothing.
func TestPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: looks at pictures in a browser")
	}
	tooltest.Chromium(t)
	site, dir := tooltest.Site(t), t.TempDir()
	var files []string
	guides := map[string]string{}
	for _, profile := range tooltest.Goldens(t) {
		found, err := filepath.Glob(filepath.Join(filepath.Dir(profile), "generated", "*", "docs", "*.md"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: guides %q, %v", profile, found, err)
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		blocks, _ := markdown(string(text))
		for _, b := range blocks {
			if b.info == "mermaid" {
				file := filepath.Join(dir, filepath.Base(filepath.Dir(profile)))
				if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
					t.Fatal(err)
				}
				files, guides[file] = append(files, file), b.text
			}
		}
	}
	wrong := filepath.Join(dir, "wrong") // as sockets were once drawn
	if err := os.WriteFile(wrong, []byte(pictureOfWrong), 0o644); err != nil {
		t.Fatal(err)
	}
	var seen map[string]struct {
		Boxes, Arrows, Labels int
		Wrong                 []string
	}
	tooltest.Browser(t, site, &seen, "look-pictures.mjs", append(files, wrong)...)
	if len(seen[wrong].Wrong) == 0 {
		t.Error("a picture with an arrow back is taken")
	}
	for file, text := range guides {
		saw, arrows := seen[file], strings.Count(text, " -->|")
		for _, wrong := range saw.Wrong {
			t.Errorf("%s: %s", filepath.Base(file), wrong)
		}
		if arrows == 0 || saw.Arrows != arrows || saw.Labels != arrows || saw.Boxes < 2 {
			t.Errorf("%s: %+v drawn of %d arrows", filepath.Base(file), saw, arrows)
		}
	}
}
