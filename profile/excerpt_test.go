package profile

import (
	"fmt"
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("é", 500)
	for _, c := range []struct {
		line   string
		col    int
		source string
		caret  int
	}{
		{"", 1, "", 0},
		{"abc", 2, "abc", 1},
		{"abc", 9, "abc", 3},
		{"héé", 4, "héé", 3},
		{long[:2*wide], 150, long[:2*wide], 149},
		{long, 1, long[:2*wide] + "…", 0},
		{long, 81, long[:2*wide] + "…", 80},
		{long, 100, "…" + long[:2*wide] + "…", 81},
		{long, 500, "…" + long[:2*81], 81},
		{long, 501, "…" + long[:2*80], 81},
	} {
		if source, caret := Excerpt(c.line, c.col); source != c.source || caret != c.caret {
			t.Errorf("%.20q, column %d: %q, %d; want %q, %d", c.line, c.col, source, caret, c.source, c.caret)
		}
	}
}

func TestMerge(t *testing.T) {
	var ps []Problem
	for i := range 7 {
		ps = append(ps, Problem{Pos: posAt(i+1, 3), Path: fmt.Sprintf("mounts[%d].host", i), Reason: "is required"})
	}
	ps = append(ps, Problem{Pos: posAt(8, 1), Path: "mounts[1].guest", Reason: "is required"}, Problem{Pos: posAt(9, 1), Path: "mounts[9].host", Reason: "is required"})
	got := Merge(ps)
	if len(got) != 2 || got[0].Line != 1 || fmt.Sprint(got[0].More) != "[{ 2 3} { 3 3} { 4 3} { 5 3} { 6 3} { 7 3} { 9 1}]" || got[1].Path != "mounts[1].guest" || got[1].More != nil {
		t.Errorf("got %+v", got)
	}
	if got := Merge(ps[:few]); len(got) != few {
		t.Errorf("%d places became %+v", few, got)
	}
}
