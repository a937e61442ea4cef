{ config, lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    opt
    strs
    ;
  noSpace =
    types.addCheck types.str (s: builtins.match "[^ ]*" s != null)
    // {
      description = "null or string without spaces";
    };
in
{
  options = {
    time = {
      timeZone = opt (types.nullOr noSpace // { inherit (noSpace) description; }) null;
      hardwareClockInLocalTime = opt types.bool false;
    };
    i18n = {
      defaultLocale = opt types.str "en_US.UTF-8";
      extraLocales = opt (types.either (types.listOf types.str) (types.enum [ "all" ])) [ ];
      extraLocaleSettings = attrsOf types.str;
      supportedLocales = strs;
    };
    console = {
      keyMap = opt (types.either types.str types.path) "us";
      font = opt (types.nullOr (types.either types.str types.path)) null;
    };
  };

  # At plain priority: another LANG among the variables is a conflict.
  config.environment.sessionVariables.LANG = config.i18n.defaultLocale;
}
