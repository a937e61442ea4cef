package pattern

import "testing"

// TestNew: a pattern costs nothing until it is used, and is compiled once then.
func TestNew(t *testing.T) {
	New(`(`) // is none, and nobody asks
	digits := New(`^[0-9]+$`)
	if first := digits(); first != digits() {
		t.Error("compiled twice")
	}
	if !digits().MatchString("42") || digits().MatchString("4x") {
		t.Error("another pattern")
	}
}
