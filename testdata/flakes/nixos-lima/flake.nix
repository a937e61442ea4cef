# Stand-in for nixos-lima: the one option of its module, and what it sets.
{
  description = "vmloom's stub of nixos-lima";

  inputs.nixpkgs.url = "nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    {
      nixosModules.lima = {
        imports = [ ./lima-init.nix ];
      };
    };
}
