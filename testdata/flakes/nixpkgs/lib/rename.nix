# Modules that stand for options of the past.
lib:
let
  inherit (lib)
    mkIf
    mkOption
    optional
    setAttrByPath
    showOption
    types
    ;

  alias =
    { from, to, warn }:
    { options, ... }:
    let
      old = lib.getAttrFromPath from options;
      what = "The option `${showOption from}' defined in `${lib.head old.files}' has been renamed to `${showOption to}'.";
    in
    {
      options = setAttrByPath from (mkOption { type = types.raw; });
      config = lib.mkMerge (
        [ (setAttrByPath to (mkIf old.isDefined (lib.mkOverride old.highestPrio old.value))) ]
        ++ optional warn { warnings = optional old.isDefined what; }
      );
    };
in
{
  mkRenamedOptionModule =
    from: to:
    alias {
      inherit from to;
      warn = true;
    };
  mkAliasOptionModule =
    from: to:
    alias {
      inherit from to;
      warn = false;
    };
  mkRemovedOptionModule =
    path: reason:
    { options, ... }:
    let
      old = lib.getAttrFromPath path options;
    in
    {
      options = setAttrByPath path (mkOption { type = types.raw; });
      config.assertions = [
        {
          assertion = !old.isDefined;
          message = "The option definition `${showOption path}' in `${lib.head old.files}' no longer has any effect; please remove it.\n${reason}";
        }
      ];
    };
}
