# home-manager inside NixOS or nix-darwin: users come from the system's.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf types;
  inherit (lib.stub)
    enable
    nullable
    opt
    ;
  cfg = config.home-manager;
  each = f: lib.flatten (lib.mapAttrsToList f cfg.users);

  home = types.submoduleWith {
    description = "Home Manager module";
    class = "homeManager";
    specialArgs = {
      lib = lib // {
        hm = import ./hm.nix lib;
      };
      osConfig = config;
      modulesPath = toString ./modules;
    }
    // cfg.extraSpecialArgs;
    modules = [
      (
        { name, ... }:
        {
          imports = import ./modules pkgs ++ cfg.sharedModules;
          home.username = config.users.users.${name}.name;
          home.homeDirectory = config.users.users.${name}.home;
        }
      )
    ];
  };
in
{
  options.home-manager = {
    users = opt (types.attrsOf home) { };
    useGlobalPkgs = enable;
    useUserPackages = enable;
    startAsUserService = enable;
    backupCommand = nullable types.str;
    backupFileExtension = nullable types.str;
    overwriteBackup = enable;
    verbose = enable;
    extraSpecialArgs = opt types.attrs { };
    sharedModules = opt (types.listOf types.raw) [ ];
  };

  config = lib.mkMerge [
    # This declares a user, or half of one: NixOS' own assertion then tells.
    (mkIf (cfg.useUserPackages && cfg.users != { }) {
      users.users = lib.mapAttrs (_: user: { inherit (user.home) packages; }) cfg.users;
      environment.pathsToLink = [ "/etc/profile.d" ];
    })
    (mkIf (cfg.users != { }) {
      warnings = each (name: user: map (w: "${name} profile: ${w}") user.warnings);
      assertions = each (
        name: user:
        map (a: {
          inherit (a) assertion;
          message = "${name} profile: ${a.message}";
        }) user.assertions
      );
    })
  ];
}
