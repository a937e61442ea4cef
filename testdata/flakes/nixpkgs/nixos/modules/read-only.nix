# nixosModules.readOnlyPkgs: a pkgs from outside, of which nothing may be said once more.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.nixpkgs;
  once = mkOption {
    type = types.unspecified;
    readOnly = true;
  };
in
{
  disabledModules = [ ./nixpkgs.nix ];
  options.nixpkgs = {
    pkgs = mkOption { type = types.pkgs; };
    config = once;
    overlays = once;
    hostPlatform = once;
    buildPlatform = once;
  };
  config = {
    _module.args.pkgs = cfg.pkgs;
    nixpkgs = {
      config = { };
      overlays = [ ];
      hostPlatform = cfg.pkgs.stdenv.hostPlatform;
      buildPlatform = cfg.pkgs.stdenv.hostPlatform;
    };
  };
}
