# Declares the output flakeModules, so that several modules can add to it.
{ lib, moduleLocation, ... }:
let
  inherit (lib) types;
in
{
  options.flake.flakeModules = lib.mkOption {
    type = types.lazyAttrsOf types.deferredModule;
    default = { };
    apply = lib.mapAttrs (
      name: module: {
        _class = "flake";
        _file = "${moduleLocation}#flakeModules.${name}";
        imports = [ module ];
      }
    );
  };
}
