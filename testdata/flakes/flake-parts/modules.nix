{
  config,
  inputs,
  lib,
  moduleLocation,
  self,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub) opt;

  # One module a name, told apart by where it came from.
  moduleSet =
    class:
    lib.mkOption {
      type = types.lazyAttrsOf types.deferredModule;
      default = { };
      apply = lib.mapAttrs (
        name: module: {
          _class = class;
          _file = "${moduleLocation}#${class}Modules.${name}";
          imports = [ module ];
        }
      );
    };

  # Outputs by system, written in perSystem without it.
  transposed = {
    apps = types.lazyAttrsOf types.raw;
    checks = types.lazyAttrsOf types.package;
    devShells = types.lazyAttrsOf types.package;
    formatter = types.nullOr types.package;
    legacyPackages = types.lazyAttrsOf types.raw;
    packages = types.lazyAttrsOf types.package;
  };

  perSystemModule =
    { system, ... }:
    let
      ofSystem =
        flake:
        lib.mapAttrs (_: out: out.${system} or { }) (
          lib.filterAttrs (name: _: transposed ? ${name}) flake
        );
    in
    {
      options = lib.mapAttrs (
        name: type: opt type (if name == "formatter" then null else { })
      ) transposed;
      config._module.args = {
        inputs' = lib.mapAttrs (_: ofSystem) (removeAttrs inputs [ "self" ]);
        self' = ofSystem self;
        pkgs = lib.mkOptionDefault inputs.nixpkgs.legacyPackages.${system};
      };
    };

  evalSystem =
    system:
    (lib.evalModules {
      class = "perSystem";
      specialArgs = { inherit system; };
      prefix = [
        "perSystem"
        system
      ];
      modules = [
        perSystemModule
        config.perSystem
      ];
    }).config;
  all = lib.genAttrs config.systems evalSystem;
in
{
  options = {
    systems = lib.stub.req (types.listOf types.str);
    perSystem = opt types.deferredModule { };
    debug = lib.stub.enable;
    flake = opt (types.submoduleWith {
      modules = [
        {
          freeformType = types.lazyAttrsOf (types.uniq types.raw);
          options =
            lib.mapAttrs (_: type: opt (types.lazyAttrsOf type) { }) transposed
            // {
              nixosModules = moduleSet "nixos";
              nixosConfigurations = opt (types.lazyAttrsOf types.raw) { };
              overlays = opt (types.lazyAttrsOf types.raw) { };
            };
        }
      ];
    }) { };
  };

  config = {
    _module.args = {
      getSystem = system: all.${system};
      withSystem = system: f: f (all.${system} // { inherit system; });
    };
    flake = lib.mapAttrs (
      name: _:
      lib.filterAttrs (_: v: v != null) (lib.mapAttrs (_: system: system.${name}) all)
    ) transposed;
  };
}
