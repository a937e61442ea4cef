# Somebody's own flake: a Mac and a server, home-manager, overlays, a template. What a VM of vmloom costs it are
# the lines that end in # vm; without them it is as it was.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    home-manager.url = "github:nix-community/home-manager/release-26.05";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
    nix-darwin.url = "github:nix-darwin/nix-darwin/nix-darwin-26.05";
    nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
    vm.url = "path:./vms/generated/ascalon"; # vm
    vm.inputs.nixpkgs.follows = "nixpkgs"; # vm
  };

  outputs =
    inputs@{ nixpkgs, ... }:
    let
      overlays = [ (final: prev: { tool = prev.git; }) ];
    in
    {
      overlays.default = builtins.head overlays;
      templates.project = {
        path = ./template;
        description = "a project";
      };
      darwinConfigurations.lv426 = inputs.nix-darwin.lib.darwinSystem {
        modules = [
          inputs.vm.darwinModules.default # vm
          inputs.home-manager.darwinModules.home-manager
          {
            nixpkgs.hostPlatform = "aarch64-darwin";
            nixpkgs.overlays = overlays;
            system.stateVersion = 6;
            users.users.rbha18.home = "/Users/rbha18";
            home-manager.users.rbha18 = {
              imports = [
                inputs.vm.homeModules.default # vm
              ];
              home.stateVersion = "26.05";
            };
          }
        ];
      };
      nixosConfigurations = {
        server = nixpkgs.lib.nixosSystem {
          modules = [
            {
              nixpkgs.hostPlatform = "x86_64-linux";
              nixpkgs.overlays = overlays;
              networking.hostName = "server";
              boot.loader.systemd-boot.enable = true;
              fileSystems."/" = {
                device = "/dev/disk/by-label/nixos";
                fsType = "ext4";
              };
              system.stateVersion = "26.05";
            }
          ];
        };
      }
      // inputs.vm.nixosConfigurations # vm
      ;
    };
}
