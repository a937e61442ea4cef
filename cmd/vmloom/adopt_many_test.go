package main

import (
	"fmt"
	"testing"

	"vmloom/adopt"
)

// TestAdoptMany: of many differences fifty are shown, and all that nothing explains before the others.
func TestAdoptMany(t *testing.T) {
	var ds []adopt.Difference
	for i := range 400 {
		d := adopt.Difference{Path: fmt.Sprint("a", i), Why: "explained"}
		if i%100 == 99 {
			d.Why = ""
		}
		ds = append(ds, d)
	}
	r := &adoption{ui: &ui{}}
	shown, left := r.mostDiffering(ds)
	if len(shown) != mostProblems || left != 400-mostProblems {
		t.Fatal(len(shown), left)
	}
	for i, path := range []string{"a99", "a199", "a299", "a399", "a0"} {
		if shown[i].Path != path {
			t.Errorf("%d: %s, want %s", i, shown[i].Path, path)
		}
	}
	r.all = true
	if shown, left := r.mostDiffering(ds); len(shown) != 400 || left != 0 {
		t.Error(len(shown), left)
	}
}
