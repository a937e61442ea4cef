package stubflakes_test

import (
	"testing"

	"vmloom/internal/tooltest"
)

// TestAges: the stubs mean the same to nix 2.26 and to the newest.
func TestAges(t *testing.T) {
	t.Parallel()
	const whole = "^Test(Values|Mistakes|Warning|CheckAndShow|Build)$"
	t.Run("middle", func(t *testing.T) { tooltest.NixAge(t, tooltest.NixMiddle, "^Test(CheckAndShow|Build)$", whole) })
	t.Run("newest", func(t *testing.T) {
		tooltest.NixAge(t, tooltest.NixNewest, "^Test(Warning|CheckAndShow|Build)$", whole)
	})
}
