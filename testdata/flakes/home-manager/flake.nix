# Stand-in for home-manager: its three entries over one set of options.
{
  description = "vmloom's stub of home-manager";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    {
      nixosModules.home-manager.imports = [ ./common.nix ];
      nixosModules.default.imports = [ ./common.nix ];
      darwinModules.home-manager.imports = [ ./common.nix ];
      darwinModules.default.imports = [ ./common.nix ];

      lib.hm = import ./hm.nix nixpkgs.lib;
      packages = builtins.mapAttrs (_: pkgs: { inherit (pkgs) home-manager; }) nixpkgs.legacyPackages;
      lib.homeManagerConfiguration =
        {
          pkgs,
          modules ? [ ],
          lib ? pkgs.lib,
          extraSpecialArgs ? { },
          check ? true,
        }:
        let
          eval = lib.evalModules {
            class = "homeManager";
            specialArgs = {
              lib = lib // {
                hm = import ./hm.nix lib;
              };
              modulesPath = toString ./modules;
            }
            // extraSpecialArgs;
            modules = modules ++ import ./modules pkgs;
          };
        in
        lib.asserts.checkAssertWarn eval.config.assertions eval.config.warnings (
          eval
          // {
            inherit pkgs;
            inherit (eval.config.home) activationPackage;
          }
        );
    };
}
