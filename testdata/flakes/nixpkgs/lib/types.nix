# Option types with the checks, the merging and the descriptions of nixpkgs.
lib:
let
  inherit (lib)
    head
    isAttrs
    isStringLike
    mergeEqualOption
    mergeOneOption
    ;
  inherit (builtins) isInt isString match;

  # phrase: how the description stands inside another one.
  mkOptionType =
    {
      name,
      description ? name,
      phrase ? "noun",
      check ? (_: true),
      merge ? mergeOneOption,
      ...
    }@args:
    args
    // {
      _type = "option-type";
      emptyValue = args.emptyValue or { };
      inherit
        check
        description
        merge
        name
        phrase
        ;
    };

  scalar =
    name: description: check:
    mkOptionType {
      inherit name description check;
      merge = mergeEqualOption;
    };

  bounded =
    description: lo: hi:
    scalar "intBetween" description (x: isInt x && x >= lo && x <= hi);
  bits =
    n: hi:
    bounded "${toString n} bit unsigned integer; between 0 and ${toString hi} (both inclusive)" 0 hi;
  atLeast =
    name: lo: description:
    scalar name description (x: isInt x && x >= lo);
  inStore = x: isStringLike x && lib.hasPrefix builtins.storeDir (toString x);

  join =
    sep: description:
    mkOptionType {
      name = "separatedString";
      inherit description;
      check = isString;
      merge = _: defs: lib.concatMapStringsSep sep (def: def.value) defs;
    };
in
{
  inherit mkOptionType;

  types =
    rec {
      bool = scalar "bool" "boolean" builtins.isBool;
      int = scalar "int" "signed integer" isInt;
      float = scalar "float" "floating point number" builtins.isFloat;
      number = lib.types.either int float;
      ints = {
        between =
          lo: hi: bounded "integer between ${toString lo} and ${toString hi} (both inclusive)" lo hi;
        unsigned = atLeast "unsignedInt" 0 "unsigned integer, meaning >=0";
        positive = atLeast "positiveInt" 1 "positive integer, meaning >0";
        u8 = bits 8 255;
        u16 = bits 16 65535;
        u32 = bits 32 4294967295;
      };
      port = ints.u16;

      str = scalar "str" "string" isString;
      strMatching =
        pattern:
        scalar "strMatching" "string matching the pattern ${pattern}" (
          x: isString x && match pattern x != null
        );
      nonEmptyStr = scalar "nonEmptyStr" "non-empty string" (
        x: isString x && match "[ \t\n]*" x == null
      );
      singleLineStr = mkOptionType {
        name = "singleLineStr";
        description = "(optionally newline-terminated) single-line string";
        check = x: isString x && match "[^\n\r]*\n?" x != null;
        merge = loc: defs: lib.removeSuffix "\n" (mergeEqualOption loc defs);
      };
      lines = join "\n" ''strings concatenated with "\n"'';
      commas = join "," ''strings concatenated with ","'';
      separatedString = sep: join sep "strings concatenated with ${builtins.toJSON sep}";
      envVar = join ":" ''strings concatenated with ":"'';
      passwdEntry =
        type:
        addCheck type (x: !(lib.hasInfix ":" x || lib.hasInfix "\n" x))
        // {
          description = "${type.description}, not containing newlines or colons";
        };

      path = scalar "path" "absolute path" (x: isStringLike x && lib.hasPrefix "/" (toString x));
      pathInStore = scalar "pathInStore" "path in the Nix store" inStore;
      package = mkOptionType {
        name = "package";
        check = x: lib.isDerivation x || inStore x;
      };
      shellPackage = package // {
        description = "package that provides a shell";
        check = x: lib.isDerivation x && x ? shellPath;
      };
      pkgs = mkOptionType {
        name = "pkgs";
        description = "Nixpkgs package set";
        check = x: isAttrs x && x._type or null == "pkgs";
      };

      enum =
        values:
        let
          shown = map (v: if isString v then ''"${v}"'' else toString v) values;
        in
        mkOptionType {
          name = "enum";
          description =
            if shown == [ ] then
              "impossible (empty enum)"
            else if lib.length shown == 1 then
              "value ${head shown} (singular enum)"
            else
              "one of ${lib.concatStringsSep ", " shown}";
          phrase = if lib.length shown < 2 then "noun" else "conjunction";
          check = x: lib.elem x values;
          merge = mergeEqualOption;
        };

      raw = mkOptionType {
        name = "raw";
        description = "raw value";
      };
      attrs = mkOptionType {
        name = "attrs";
        description = "attribute set";
        check = isAttrs;
        merge = _: lib.foldl' (acc: def: acc // def.value) { };
        emptyValue.value = { };
      };
      optionType = mkOptionType {
        name = "optionType";
        description = "optionType";
        check = x: x._type or null == "option-type";
      };

      addCheck = type: check: type // { check = x: type.check x && check x; };
      uniq = type: type // { merge = mergeOneOption; };
      unique = { message }: uniq;
    }
    // import ./types-composite.nix lib;
}
