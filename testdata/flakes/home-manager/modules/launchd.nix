{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (pkgs.stdenv.hostPlatform) isDarwin;
  cfg = config.launchd;

  agent =
    { name, ... }:
    {
      options = {
        enable = lib.mkEnableOption name;
        # Free, as in home-manager: a misspelt key passes.
        config = lib.stub.opt (types.submodule {
          freeformType = types.attrsOf types.anything;
          options = lib.stub.launchd;
        }) { };
      };
      config.config.Label = lib.mkDefault "org.nix-community.home.${name}";
    };
  enabled = lib.attrNames (lib.filterAttrs (_: a: a.enable) cfg.agents);
in
{
  options.launchd = {
    enable = lib.stub.flag isDarwin;
    agents = lib.stub.subs agent;
  };
  config.assertions = [
    {
      assertion = cfg.enable && enabled != [ ] -> isDarwin;
      message = "Must use Darwin for modules that require Launchd: ${lib.concatStringsSep ", " enabled}";
    }
  ];
}
