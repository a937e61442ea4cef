package main

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

// TestBuildSuite: a report of builds says of each profile what became of it, and what a CI server reads of it is what was
// said, whatever that was.
func TestBuildSuite(t *testing.T) {
	const hostile = `a<b>&"c" ]]> 'd'`
	reports := []imageReport{
		{Profile: "a", State: "reproducible"},
		{Profile: "b", State: "failed", Error: &failureJSON{Cause: hostile, Hint: "diffoscope", Differs: "/nix/store/x"}},
		{Profile: "c", State: "failed", Error: &failureJSON{Cause: "disk: is full", Field: "resources.disk", Log: "/log"}},
		{Profile: "d", State: "none"},
		{Profile: "e", State: "skipped", Error: &failureJSON{Cause: "stopped by --fail-fast: b failed"}},
	}
	var out strings.Builder
	must(t, (&ui{data: &out}).writeJUnit("-", (&imageRun{check: true}).suite(reports)))
	var got junitSuite
	must(t, xml.Unmarshal([]byte(out.String()), &got))
	if got.Tests != 5 || got.Failures != 1 || got.Errors != 1 || got.Skipped != 2 || len(got.Cases) != 5 {
		t.Errorf("%+v", got)
	}
	var ends []string
	for i, c := range got.Cases {
		if c.Class != reports[i].Profile || c.Name != "a second build gives the same image" {
			t.Errorf("case %d: %s: %s", i, c.Class, c.Name)
		}
		end := c.Out
		for word, d := range map[string]*junitDetail{"failed": c.Failure, "error": c.Error, "skipped": c.Skipped} {
			if d != nil {
				end += word + ": " + d.Message + "\n" + d.Text
			}
		}
		ends = append(ends, end)
	}
	want := []string{
		"reproducible",
		"failed: " + hostile + "\ndiffers: /nix/store/x\nhint: diffoscope\n",
		"error: disk: is full\nfield: resources.disk\nlog: /log\n",
		"skipped: the VM starts from a published image\n",
		"skipped: stopped by --fail-fast: b failed\n",
	}
	if !slices.Equal(ends, want) {
		t.Errorf("%q\nwant\n%q", ends, want)
	}
}
