{ lib, pkgs, ... }:
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
    types.float
  ];
  # No bool: the shell has none, and nixpkgs refuses it.
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
    shells = opt (types.listOf (types.either types.shellPackage types.path)) [ ];
    extraInit = text;
    interactiveShellInit = text;
    loginShellInit = text;
    shellInit = text;
    localBinInPath = opt types.bool false;
    homeBinInPath = opt types.bool false;
    enableAllTerminfo = opt types.bool false;
  };
}
