lib:
let
  inherit (builtins)
    concatStringsSep
    elemAt
    filter
    isString
    match
    replaceStrings
    split
    stringLength
    substring
    ;

  lowers = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  uppers = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
in
{
  inherit
    concatStringsSep
    isString
    match
    replaceStrings
    split
    stringLength
    substring
    ;
  inherit (builtins)
    compareVersions
    fromJSON
    toJSON
    unsafeDiscardStringContext
    ;

  optionalString = cond: s: if cond then s else "";
  concatStrings = concatStringsSep "";
  concatMapStrings = f: xs: lib.concatStrings (map f xs);
  concatMapStringsSep =
    sep: f: xs:
    concatStringsSep sep (map f xs);
  concatImapStringsSep =
    sep: f: xs:
    concatStringsSep sep (lib.imap1 f xs);
  concatMapAttrsStringSep =
    sep: f: set:
    concatStringsSep sep (lib.mapAttrsToList f set);
  concatLines = lib.concatMapStrings (s: s + "\n");
  hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
  hasSuffix =
    suffix: s:
    let
      n = stringLength s - stringLength suffix;
    in
    n >= 0 && substring n (-1) s == suffix;
  hasInfix = infix: s: replaceStrings [ infix ] [ "" ] "${s}" != "${s}";
  removePrefix =
    prefix: s: if lib.hasPrefix prefix s then substring (stringLength prefix) (-1) s else s;
  removeSuffix =
    suffix: s:
    if lib.hasSuffix suffix s then substring 0 (stringLength s - stringLength suffix) s else s;
  splitString = sep: s: filter isString (split (lib.escapeRegex sep) s);
  stringToCharacters = s: builtins.genList (i: substring i 1 s) (stringLength s);
  escape = chars: replaceStrings chars (map (c: "\\${c}") chars);
  escapeRegex = lib.escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    arg:
    let
      s = toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" s != null then s else "'${replaceStrings [ "'" ] [ "'\\''" ] s}'";
  escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;
  toLower = replaceStrings uppers lowers;
  toUpper = replaceStrings lowers uppers;
  trim = s: elemAt (match "[ \t\r\n]*(.*[^ \t\r\n])?[ \t\r\n]*" s) 0;
  fixedWidthString =
    width: filler: s:
    if stringLength s >= width then s else lib.fixedWidthString width filler "${filler}${s}";
  fixedWidthNumber = width: n: lib.fixedWidthString width "0" (toString n);
  toInt = s: builtins.fromJSON s;
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: !(lib.versionOlder a b);
  getName = pkg: pkg.pname or (builtins.parseDrvName (pkg.name or pkg)).name;
  getVersion = pkg: pkg.version or (builtins.parseDrvName (pkg.name or pkg)).version;
  makeBinPath = pkgs: concatStringsSep ":" (map (pkg: "${pkg}/bin") pkgs);
  isStringLike = v: isString v || builtins.isPath v || v ? outPath || v ? __toString;

  # An attribute name as nix itself would print it.
  escapeNixIdentifier =
    s:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" s != null && !(builtins.elem s lib.nixKeywords) then
      s
    else
      builtins.toJSON s;
  nixKeywords = [
    "assert"
    "else"
    "if"
    "in"
    "inherit"
    "let"
    "or"
    "rec"
    "then"
    "with"
  ];
}
