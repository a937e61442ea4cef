{
  config,
  lib,
  nixpkgs,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub) nullable opt;
  cfg = config.system;

  configuration = lib.stub.force (
    removeAttrs options [
      "_module"
      "assertions"
      "users"
      "warnings"
    ]
    // {
      system = removeAttrs options.system [ "build" ];
    }
  );
  # A user that nobody creates has no uid, and nix-darwin does not ask for one.
  users = lib.mapAttrs (_: u: lib.stub.plain (removeAttrs u [ "uid" ])) config.users.users;
in
{
  options = {
    assertions = opt (types.listOf types.unspecified) [ ];
    warnings = opt (types.listOf types.str) [ ];
    nixpkgs = {
      hostPlatform = lib.mkOption {
        type = types.either types.str types.attrs;
        apply = lib.systems.elaborate;
      };
      system = nullable types.str;
      config = opt types.attrs { };
      overlays = opt (types.listOf types.raw) [ ];
    };
    system = {
      stateVersion = opt (types.ints.between 1 7) 7;
      primaryUser = nullable types.str;
      requiresPrimaryUser = lib.stub.strs;
      configurationRevision = nullable types.str;
      defaults = opt (types.submodule { freeformType = types.attrsOf types.anything; }) { };
      activationScripts = lib.stub.attrsOf types.anything;
      build = lib.mkOption {
        type = types.lazyAttrsOf (types.uniq types.raw);
        default = { };
      };
    };
  };

  config = {
    _module.args.pkgs = import nixpkgs {
      system =
        if options.nixpkgs.hostPlatform.isDefined then
          config.nixpkgs.hostPlatform.system
        else
          config.nixpkgs.system;
      inherit (config.nixpkgs) config overlays;
    };
    assertions = [
      {
        assertion = cfg.primaryUser == null -> cfg.requiresPrimaryUser == [ ];
        message = ''
          You currently have the following primary‐user‐requiring options set:

          ${lib.concatMapStringsSep "\n" (name: "* `${name}`") cfg.requiresPrimaryUser}

          To continue using these options, set `system.primaryUser` to the name
          of the user you have been using to run `darwin-rebuild`.
        '';
      }
      {
        assertion = options.system.stateVersion.highestPrio != 1500;
        message = "The `system.stateVersion` option is not defined in your\nnix-darwin configuration.";
      }
      {
        assertion = config.nix.linux-builder.enable -> config.nix.enable;
        message = "`nix.linux-builder.enable` requires `nix.enable`";
      }
    ];
    system.build.toplevel = lib.asserts.checkAssertWarn config.assertions config.warnings (
      pkgs.runCommand "darwin-system-${lib.version}"
        {
          configuration = builtins.toJSON { inherit configuration users; };
          passAsFile = [ "configuration" ];
        }
        ''cat "$configurationPath" > "$out"''
    );
  };
}
