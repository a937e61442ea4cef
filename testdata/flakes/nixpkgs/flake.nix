# A small stand-in for nixpkgs, written for vmloom's tests: our own module
# system, the NixOS options a dev VM's flake may set, and tiny packages.
{
  description = "vmloom's stub of nixpkgs";

  outputs =
    { self }:
    let
      lib = import ./lib;
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];
    in
    {
      lib = lib // {
        nixosSystem = import ./nixos/eval-config.nix;
      };
      nixosModules.readOnlyPkgs = ./nixos/modules/read-only.nix;
      legacyPackages = lib.genAttrs systems (system: import ./. { inherit system; });
    };
}
