# Stand-in for flake-parts: enough of mkFlake to import a flake module.
{
  description = "vmloom's stub of flake-parts";

  inputs.nixpkgs-lib.url = "github:nix-community/nixpkgs.lib";

  outputs =
    { self, nixpkgs-lib }:
    {
      lib = import ./lib.nix nixpkgs-lib.lib;
      flakeModules.flakeModules = ./flake-modules.nix;
    };
}
