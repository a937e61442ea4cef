{ inputs, lib, ... }:
{
  flake.nixosModules.default.imports = [
    inputs.nixos-lima.nixosModules.lima
    ./nixos.nix
  ];
  flake.flakeModules.default = ./flake-module.nix;
  flake.nixosConfigurations.ascalon = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      inputs.self.nixosModules.default
      { nixpkgs.hostPlatform = lib.mkDefault "aarch64-linux"; }
    ];
  };
}
