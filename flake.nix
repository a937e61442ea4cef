{
  description = "One profile of a development VM becomes every file that it needs";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: rec {
        vmloom = pkgs.callPackage ./package.nix {
          version = self.shortRev or self.dirtyShortRev or "unknown";
        };
        default = vmloom;
      });

      overlays.default = final: _: {
        vmloom = final.callPackage ./package.nix {
          version = self.shortRev or self.dirtyShortRev or "unknown";
        };
      };

      devShells = each (pkgs: {
        default = pkgs.callPackage ./shell.nix { };
      });
    };
}
