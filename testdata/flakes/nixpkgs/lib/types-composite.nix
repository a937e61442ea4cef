# Types made of other types.
lib:
let
  inherit (lib)
    concatMap
    head
    imap1
    isAttrs
    isFunction
    isList
    mapAttrs
    mergeDefinitions
    mergeEqualOption
    mergeOneOption
    mkOptionType
    showOption
    ;

  part = t: if t.phrase == "composite" then "(${t.description})" else t.description;
  of = t: if t.phrase == "conjunction" then "(${t.description})" else t.description;

  isModule = v: isAttrs v || isFunction v || builtins.isPath v;

  # A set's attributes, each merged as an option of its own.
  mergeAttrs =
    type: lazy: loc: defs:
    let
      spread = def: mapAttrs (_: value: def // { inherit value; }) def.value;
      pushed = concatMap (
        def: map (value: def // { inherit value; }) (lib.pushDown loc def.file def.value)
      ) defs;
      merged = lib.zipAttrsWith (name: mergeDefinitions (loc ++ [ name ]) type) (map spread pushed);
    in
    if lazy then
      mapAttrs (_: m: m.mergedValue) merged
    else
      mapAttrs (_: m: m.mergedValue) (lib.filterAttrs (_: m: m.isDefined) merged);

  attrsLike =
    name: description: lazy: type:
    mkOptionType {
      inherit name;
      description = "${description} of ${of type}";
      phrase = "composite";
      check = isAttrs;
      merge = mergeAttrs type lazy;
      emptyValue.value = { };
      nestedTypes.elemType = type;
    };

  mergeList =
    type: loc: defs:
    concatMap (
      { n, def }:
      concatMap (m: lib.optional m.isDefined m.mergedValue) (
        imap1 (
          i: value:
          mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString i}]" ]) type [
            (def // { inherit value; })
          ]
        ) def.value
      )
    ) (imap1 (n: def: { inherit n def; }) defs);
in
rec {
  nullOr =
    type:
    mkOptionType {
      name = "nullOr";
      description = "null or ${part type}";
      phrase = "conjunction";
      check = x: x == null || type.check x;
      merge =
        loc: defs:
        let
          nulls = lib.count (def: def.value == null) defs;
        in
        if nulls == lib.length defs then
          null
        else if nulls > 0 then
          throw "The option `${showOption loc}` is defined both null and not null, in ${
            lib.concatMapStringsSep " and " (def: "`${def.file}'") defs
          }."
        else
          type.merge loc defs;
      emptyValue.value = null;
    };

  either =
    a: b:
    mkOptionType {
      name = "either";
      description = "${part a} or ${part b}";
      phrase = "conjunction";
      check = x: a.check x || b.check x;
      merge =
        loc: defs:
        if lib.all (def: a.check def.value) defs then
          a.merge loc defs
        else if lib.all (def: b.check def.value) defs then
          b.merge loc defs
        else
          mergeOneOption loc defs;
    };
  oneOf = types: lib.foldl' either (head types) (lib.tail types);

  coercedTo =
    from: f: to:
    to
    // {
      name = "coercedTo";
      description = "${part to} or ${part from} convertible to it";
      phrase = "conjunction";
      check = x: (from.check x && to.check (f x)) || to.check x;
      merge =
        loc: defs:
        to.merge loc (
          map (def: if from.check def.value then def // { value = f def.value; } else def) defs
        );
    };

  listOf =
    type:
    mkOptionType {
      name = "listOf";
      description = "list of ${of type}";
      phrase = "composite";
      check = isList;
      merge = mergeList type;
      emptyValue.value = [ ];
      nestedTypes.elemType = type;
    };
  nonEmptyListOf =
    type:
    listOf type
    // {
      description = "non-empty (list of ${of type})";
      check = x: isList x && x != [ ];
      emptyValue = { };
    };

  attrsOf = attrsLike "attrsOf" "attribute set" false;
  lazyAttrsOf = attrsLike "lazyAttrsOf" "lazy attribute set" true;

  functionTo =
    type:
    mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${type.description}";
      phrase = "composite";
      check = isFunction;
      merge =
        loc: defs: arg:
        (mergeDefinitions (loc ++ [ "<function body>" ]) type (
          map (def: def // { value = def.value arg; }) defs
        )).mergedValue;
    };

  submodule =
    modules:
    submoduleWith {
      modules = lib.toList modules;
      shorthandOnlyDefinesConfig = true;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? null,
      class ? null,
    }:
    let
      asModule =
        def:
        if isAttrs def.value && shorthandOnlyDefinesConfig then
          {
            _file = def.file;
            config = def.value;
          }
        else
          lib.setDefaultModuleLocation def.file def.value;
      free =
        (lib.evalModules {
          inherit modules specialArgs class;
          prefix = [ "<name>" ];
        })._module.freeformType;
    in
    mkOptionType {
      name = "submodule";
      description =
        if description != null then
          description
        else if free != null then
          "open submodule of ${of free}"
        else
          "submodule";
      phrase = if description != null then "noun" else "composite";
      check = isModule;
      # Options declared below the option itself.
      extend =
        more:
        submoduleWith {
          modules = modules ++ more;
          inherit
            class
            description
            shorthandOnlyDefinesConfig
            specialArgs
            ;
        };
      merge =
        loc: defs:
        (lib.evalModules {
          modules = [
            { _module.args.name = lib.mkOptionDefault (lib.last loc); }
          ]
          ++ modules
          ++ map asModule defs;
          inherit specialArgs class;
          prefix = loc;
        }).config;
      emptyValue.value = { };
    };

  deferredModule = mkOptionType {
    name = "deferredModule";
    description = "module";
    check = isModule;
    merge = loc: defs: {
      imports = map (
        def: lib.setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value
      ) defs;
    };
    emptyValue.value.imports = [ ];
  };

  anything = mkOptionType {
    name = "anything";
    merge =
      loc: defs:
      let
        is = pred: lib.all (def: pred def.value) defs;
      in
      if lib.length defs == 1 && !(is isAttrs) && !(is isList) then
        (head defs).value
      else if is lib.isDerivation then
        mergeOneOption loc defs
      else if is isAttrs then
        (lazyAttrsOf anything).merge loc defs
      else if is isList then
        if lib.length defs == 1 then
          (listOf anything).merge loc defs
        else
          throw "The option `${showOption loc}' has conflicting definitions, in ${
            lib.concatMapStringsSep " and " (def: "`${def.file}'") defs
          }."
      else
        mergeEqualOption loc defs;
  };

  # Old options without a type: merged by what the values happen to be.
  unspecified = mkOptionType {
    name = "unspecified";
    description = "unspecified value";
    merge =
      loc: defs:
      let
        values = map (def: def.value) defs;
      in
      if lib.length values == 1 then
        head values
      else if lib.all isList values then
        lib.concatLists values
      else if lib.all isAttrs values then
        lib.mergeAttrsList values
      else
        mergeEqualOption loc defs;
  };
}
