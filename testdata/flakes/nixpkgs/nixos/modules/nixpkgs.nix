{
  config,
  lib,
  options,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub) nullable opt;
  cfg = config.nixpkgs;
  platform = types.either types.str types.attrs;

  hasHost = options.nixpkgs.hostPlatform.isDefined;
  system =
    if hasHost then
      cfg.hostPlatform.system
    else if cfg.system != null then
      cfg.system
    else
      throw "Neither nixpkgs.hostPlatform nor the legacy option nixpkgs.system have been set.";
in
{
  options.nixpkgs = {
    hostPlatform = lib.mkOption {
      type = platform;
      apply = lib.systems.elaborate;
    };
    buildPlatform = nullable platform;
    system = nullable types.str;
    pkgs = lib.mkOption { type = types.pkgs; };
    config = opt types.attrs { };
    overlays = opt (types.listOf (types.functionTo (types.functionTo types.attrs))) [ ];
    flake.source = nullable (types.either types.str types.path);
    flake.setNixPath = opt types.bool true;
    flake.setFlakeRegistry = opt types.bool true;
  };

  config = {
    _module.args.pkgs =
      if options.nixpkgs.pkgs.isDefined then
        cfg.pkgs
      else
        import ../../pkgs {
          inherit system;
          inherit (cfg) config overlays;
        };
    assertions = [
      {
        assertion = !hasHost || cfg.system == null || cfg.system == cfg.hostPlatform.system;
        message = ''
          Your system configures nixpkgs with the platform parameter nixpkgs.hostPlatform (${cfg.hostPlatform.system})
          and with nixpkgs.system (${toString cfg.system}), as passed to nixosSystem. They must agree.
        '';
      }
    ];
  };
}
