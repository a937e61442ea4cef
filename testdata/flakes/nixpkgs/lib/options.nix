# Declaring options, and printing them in messages.
lib:
let
  inherit (lib) concatMapStringsSep isAttrs isList;

  # One line for a value, never failing: a message must survive a bad value.
  pretty =
    v:
    if lib.isDerivation v then
      "<derivation ${v.name}>"
    else if lib.isFunction v then
      "<function>"
    else if isList v then
      "[ ${concatMapStringsSep " " pretty v} ]"
    else if isAttrs v then
      "{ ${lib.concatStrings (lib.mapAttrsToList (n: x: "${n} = ${pretty x}; ") v)}}"
    else if builtins.isPath v then
      "${v}"
    else
      builtins.toJSON v;

  # Deep sets are cut, as nixpkgs does it after five lines.
  shorten = s: if lib.stringLength s > 300 then "${lib.substring 0 300 s}..." else s;

  # A value as JSON can hold it; a package becomes its path, with its context.
  plain =
    v:
    if v ? outPath then
      "${v}"
    else if lib.isFunction v then
      null
    else if isAttrs v then
      lib.mapAttrs (_: plain) v
    else if isList v then
      map plain v
    else if builtins.isPath v then
      "${v}"
    else
      v;

  loneAttr = part: lib.hasPrefix "<" part || part == "*";
in
{
  mkOption = args: args // { _type = "option"; };
  isOption = v: v._type or null == "option";

  mkEnableOption =
    name:
    lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
    };
  mkPackageOption =
    pkgs: name:
    {
      default ? name,
      nullable ? false,
      ...
    }:
    lib.mkOption {
      type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      default =
        if default == null then null else lib.getAttrFromPath (lib.toList default) pkgs;
      description = "The ${lib.last (lib.toList name)} package to use.";
    };

  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  literalMD = text: {
    _type = "literalMD";
    inherit text;
  };

  showOption = concatMapStringsSep "." (
    part: if loneAttr part then part else lib.escapeNixIdentifier part
  );

  showDefs = lib.concatMapStrings (
    def:
    let
      try = builtins.tryEval (
        let
          s = shorten (pretty def.value);
        in
        builtins.seq s s
      );
    in
    "\n- In `${def.file}'" + (if try.success then ": ${try.value}" else "")
  );

  # Only for the stubs' own declarations, which need no prose.
  stub =
    let
      inherit (lib) types;
      opt = type: default: lib.mkOption { inherit type default; };
    in
    {
      inherit opt;
      req = type: lib.mkOption { inherit type; };
      flag = opt types.bool;
      enable = opt types.bool false;
      nullable = type: opt (types.nullOr type) null;
      text = opt types.lines "";
      strs = opt (types.listOf types.str) [ ];
      packages = opt (types.listOf types.package) [ ];
      attrsOf = type: opt (types.attrsOf type) { };
      inherit plain;
      # The value of every option that has one: an error in any of them shows.
      force = lib.mapAttrs (
        _: o:
        if !(lib.isOption o) then
          lib.stub.force o
        else if o.isDefined then
          plain o.value
        else
          null
      );
      launchd = import ./launchd.nix lib;
      subs = modules: opt (types.attrsOf (types.submodule modules)) { };
    };
}
