{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkDefault mkIf types;
  inherit (lib.stub)
    attrsOf
    opt
    subs
    text
    ;
  cfg = config.launchd;
  variables = types.attrsOf (types.either types.str (types.listOf types.str));
  binOf = p: if lib.isDerivation p then "${p}/bin" else toString p;
  join = lib.mapAttrs (_: v: lib.concatStringsSep ":" (lib.toList v));

  job =
    { config, name, ... }:
    let
      env = config.environment // lib.optionalAttrs (config.path != "") { PATH = config.path; };
    in
    {
      options = {
        environment = lib.mkOption {
          type = variables;
          default = { };
          apply = join;
        };
        path = lib.mkOption {
          type = types.listOf (types.either types.path types.str);
          default = [ ];
          apply = lib.concatMapStringsSep ":" binOf;
        };
        command = opt (types.either types.str types.path) "";
        script = text;
        # Strict: a key launchd does not know is an error here.
        serviceConfig = opt (types.submodule { options = lib.stub.launchd; }) { };
      };
      config = {
        command = mkIf (config.script != "") (pkgs.writeScript "${name}-start" config.script);
        serviceConfig = {
          Label = mkDefault "${cfg.labelPrefix}.${name}";
          ProgramArguments = mkIf (config.command != "") [
            "/bin/sh"
            "-c"
            "/bin/wait4path /nix/store && exec ${config.command}"
          ];
          EnvironmentVariables = mkIf (env != { }) env;
        };
      };
    };
in
{
  options.launchd = {
    labelPrefix = opt types.str "org.nixos";
    envVariables = attrsOf types.str;
    agents = subs job;
    daemons = subs job;
    user = {
      agents = subs job;
      envVariables = attrsOf types.str;
    };
  };

  # Agents of a user belong to the primary one since nix-darwin 25.05.
  config.system.requiresPrimaryUser = map (
    name: "launchd.user.agents.${lib.strings.escapeNixIdentifier name}"
  ) (lib.attrNames cfg.user.agents);
}
