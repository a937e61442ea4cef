{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    opt
    packages
    strs
    subs
    text
    ;

  scalar = types.oneOf [
    types.int
    types.str
    types.path
  ];
  # No bool, no float: the shell has none, and nixpkgs refuses them.
  variable = types.nullOr (types.either (types.listOf scalar) scalar);

  file =
    { name, config, ... }:
    {
      options = {
        enable = opt types.bool true;
        target = opt types.str name;
        text = opt (types.nullOr types.lines) null;
        source = lib.mkOption { type = types.path; };
        mode = opt types.str "symlink";
        user = opt types.str "+0";
        group = opt types.str "+0";
        uid = opt types.int 0;
        gid = opt types.int 0;
      };
      config.source = lib.mkIf (config.text != null) (
        lib.mkDefault (pkgs.writeText "etc-file" config.text)
      );
    };
in
{
  options.environment = {
    systemPackages = packages;
    defaultPackages = packages;
    variables = attrsOf variable;
    sessionVariables = attrsOf variable;
    profileRelativeEnvVars = attrsOf (types.listOf types.str);
    etc = subs file;
    pathsToLink = strs;
    extraOutputsToInstall = strs;
    shellAliases = attrsOf (types.nullOr (types.either types.str types.path));
    shells = opt (types.listOf (types.either types.package types.path)) [ ];
    extraInit = text;
    interactiveShellInit = text;
    loginShellInit = text;
    shellInit = text;
    localBinInPath = opt types.bool false;
    homeBinInPath = opt types.bool false;
    enableAllTerminfo = opt types.bool false;
  };

  # What a guest without more has, at NixOS' own priorities: most of it is plain.
  config.environment = {
    sessionVariables = {
      GTK_A11Y = "none";
      LOCALE_ARCHIVE = "/run/current-system/sw/lib/locale/locale-archive";
      NIX_PATH = config.nix.nixPath;
      NO_AT_BRIDGE = "1";
      TZDIR = "/etc/zoneinfo";
      XCURSOR_PATH = [
        "$HOME/.icons"
        "$HOME/.local/share/icons"
      ];
      XDG_CONFIG_DIRS = [ "/etc/xdg" ];
    }
    // lib.optionalAttrs config.programs.nix-ld.enable {
      NIX_LD = "/run/current-system/sw/share/nix-ld/lib/ld.so";
      NIX_LD_LIBRARY_PATH = "/run/current-system/sw/share/nix-ld/lib";
    };
    variables = lib.mkMerge [
      config.environment.sessionVariables
      {
        EDITOR = lib.mkDefault "nano";
        LESSKEYIN_SYSTEM = "/etc/lesskey";
        NIXPKGS_CONFIG = "/etc/nix/nixpkgs-config.nix";
        PAGER = lib.mkDefault "less";
        SSH_ASKPASS = "";
        SYSTEMD_XKB_DIRECTORY = "/etc/X11/xkb";
      }
    ];
  };
}
