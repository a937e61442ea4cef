package quote

import (
	"testing"

	"vmloom/internal/tooltest"
)

// TestNixAges: what is quoted is read back by nix 2.26 and the newest, too.
func TestNixAges(t *testing.T) {
	t.Parallel()
	const whole = "^TestNix(Lines)?ReadBack$"
	for name, suite := range map[string]string{"middle": tooltest.NixMiddle, "newest": tooltest.NixNewest} {
		t.Run(name, func(t *testing.T) { tooltest.NixAge(t, suite, whole, whole) })
	}
}
