# A flake as vmloom might generate it, and what the stubs' tests ask of it.
{
  description = "consumer of the stubs";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    nixos-lima = {
      url = "github:nixos-lima/nixos-lima/v0.2.1";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    home-manager = {
      url = "github:nix-community/home-manager/release-26.05";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    nix-darwin = {
      url = "github:nix-darwin/nix-darwin/nix-darwin-26.05";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    flake-parts = {
      url = "github:hercules-ci/flake-parts";
      inputs.nixpkgs-lib.follows = "nixpkgs";
    };
  };

  outputs =
    inputs@{
      self,
      nixpkgs,
      nixos-lima,
      home-manager,
      nix-darwin,
      flake-parts,
    }:
    let
      inherit (nixpkgs) lib;

      guestOf =
        system: modules:
        lib.nixosSystem {
          modules = [
            self.nixosModules.default
            home-manager.nixosModules.home-manager
            { nixpkgs.hostPlatform = system; }
          ]
          ++ modules;
        };
      homeOf =
        system: modules:
        home-manager.lib.homeManagerConfiguration {
          pkgs = nixpkgs.legacyPackages.${system};
          modules = [ self.homeModules.default ] ++ modules;
        };
      macOf =
        modules:
        nix-darwin.lib.darwinSystem {
          modules = [
            self.darwinModules.default
            home-manager.darwinModules.home-manager
            { nixpkgs.hostPlatform = "aarch64-darwin"; }
          ]
          ++ modules;
        };
      image = system: (guestOf system [ ]).config.system.build.images.qemu-efi;
    in
    {
      nixosModules.default.imports = [
        nixos-lima.nixosModules.lima
        ./nix/nixos.nix
      ];
      darwinModules.default.imports = [ ./nix/darwin.nix ];
      homeModules.default.imports = [ ./nix/home.nix ];

      nixosConfigurations.ascalon = guestOf "aarch64-linux" [ ];
      darwinConfigurations.mac = macOf [ ];
      packages.aarch64-linux.ascalon-image = image "aarch64-linux";
      packages.x86_64-linux.ascalon-image = image "x86_64-linux";

      # For --apply: a test adds its one deliberate mistake.
      lib = {
        guest = module: guestOf "aarch64-linux" [ module ];
        guestX86 = module: guestOf "x86_64-linux" [ module ];
        bare = modules: lib.nixosSystem { inherit modules; };
        home = module: homeOf "aarch64-linux" [ module ];
        macHome = module: homeOf "aarch64-darwin" [ module ];
        mac = module: macOf [ module ];
        pkgs = nixpkgs.legacyPackages.aarch64-linux;
        types = lib;
        parts = flake-parts.lib.mkFlake { inherit inputs; } {
          imports = [
            flake-parts.flakeModules.flakeModules
            ./nix/flake-module.nix
          ];
          systems = [
            "aarch64-linux"
            "x86_64-linux"
          ];
          perSystem =
            { pkgs, self', ... }:
            {
              packages.tool = pkgs.hello;
              checks.image = self'.packages.ascalon-image;
            };
        };
      };
    };
}
