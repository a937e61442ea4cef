package generate_test

import (
	"testing"

	"vmloom/internal/tooltest"
)

// TestNixAges has nix 2.26 and the newest take the flakes and modules as the nix on PATH does.
func TestNixAges(t *testing.T) {
	t.Parallel()
	const whole = "^(TestNix(Flakes|ModulesOutside|Parity|Variables|Locale|HostUID|Public|Wrong|WrongHost|Imports|ReadOnlyPkgs|ImportsOwn|Host|Overrides|KeyFiles|Upkeep|Values|Linux|HomeDisk)|TestBesideNixOS)$"
	t.Run("middle", func(t *testing.T) {
		tooltest.NixAge(t, tooltest.NixMiddle, "^TestNix(Flakes|Imports)$/^(examples|consumer.*)$", whole)
	})
	t.Run("newest", func(t *testing.T) { tooltest.NixAge(t, tooltest.NixNewest, whole, whole) })
}
