package cure

import (
	"slices"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	up := Vmloom("up").With("ACCEL=kvm")
	text := Say("see %s, then %s", "vmloom down", up).Then("; or ", Do(Vmloom("gen", "--diff")))
	if got, want := text.String(), "see vmloom down, then ACCEL=kvm vmloom up; or vmloom gen --diff"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	typed := func(c Command) string { return "<" + strings.Join(c.Words("box.yaml"), " ") + ">" }
	if got, want := text.Typed(typed), "see vmloom down, then <vmloom up box.yaml>; or <vmloom gen --diff box.yaml>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := text.Code(typed); !slices.Equal(got, []string{"vmloom down", "<vmloom up box.yaml>", "<vmloom gen --diff box.yaml>"}) {
		t.Errorf("%q", got)
	}
	if !(Text{}).IsZero() || text.IsZero() {
		t.Error("IsZero")
	}
}

func TestSayRefuses(t *testing.T) {
	for name, say := range map[string]func(){
		"too few":      func() { Say("%s and %s", "one") },
		"too many":     func() { Say("none", "one") },
		"another verb": func() { Say("%d", "one") },
		"a bare %":     func() { Say("90% full") },
		"a number":     func() { Say("%s", 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			say()
		}()
	}
}
