package engine

import (
	"testing"

	"vmloom/profile"
)

// TestEngines: every guest has an engine.
func TestEngines(t *testing.T) {
	for _, s := range profile.Systems() {
		if engines()[s.SetUp] == nil {
			t.Errorf("%s: nothing builds it", s.Name)
		}
	}
}
