# Stand-in for a flake of modules, as sops-nix is: one for NixOS, one for home-manager, an overlay.
{
  description = "vmloom's stub of a flake of modules";

  inputs.nixpkgs.url = "nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    {
      nixosModules.sops =
        { lib, ... }:
        {
          options.sops.defaultSopsFile = lib.mkOption {
            type = lib.types.str;
            default = "none";
          };
        };
      homeManagerModules.sops =
        { lib, ... }:
        {
          options.sops.age.keyFile = lib.mkOption {
            type = lib.types.str;
            default = "none";
          };
        };
      overlays.default = final: prev: { sops-install-secrets = prev.git; };
      packages = builtins.mapAttrs (system: pkgs: { inherit (pkgs) git; }) nixpkgs.legacyPackages;
    };
}
