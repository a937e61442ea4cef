package engine

// nixEngine builds NixOS images with nix build.
func nixEngine() Engine { return Engine{Name: "nix"} }
