# Priorities, conditions, and how many definitions become one value.
lib:
let
  inherit (lib)
    concatMap
    filter
    isAttrs
    head
    length
    mapAttrs
    showDefs
    showOption
    ;

  kind = v: v._type or null;
  priorityOf = def: if kind def.value == "override" then def.value.priority else 100;
  orderOf = def: if kind def.value == "order" then def.value.priority else 1000;
  unwrapIf = k: def: if kind def.value == k then def // { value = def.value.content; } else def;

  hint = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  # One definition may stand for several (mkMerge) or for none (mkIf false).
  discharge =
    v:
    if kind v == "merge" then
      concatMap discharge v.contents
    else if kind v == "if" then
      if builtins.isBool v.condition then
        if v.condition then discharge v.content else [ ]
      else
        throw "‘mkIf’ called with a non-Boolean condition"
    else
      [ v ];
in
rec {
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkAssert = cond: msg: mkIf (if cond then true else throw "\nFailed assertion: ${msg}");
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # Carries mkIf, mkMerge and mkOverride around a set into its attributes,
  # lazily: a condition may depend on the final configuration.
  pushDown =
    loc: file: v:
    if kind v == "merge" then
      concatMap (pushDown loc file) v.contents
    else if kind v == "if" then
      map (mapAttrs (_: mkIf v.condition)) (pushDown loc file v.content)
    else if kind v == "override" then
      map (mapAttrs (_: mkOverride v.priority)) (pushDown loc file v.content)
    else if isAttrs v then
      [ v ]
    else
      throw ''
        In module `${file}', you're trying to define a value of type `${builtins.typeOf v}'
        rather than an attribute set for the option
        `${showOption loc}'!

        This usually happens if `${showOption loc}' has option
        definitions inside that are not matched. Please check how to properly define
        this option by e.g. referring to `man 5 configuration.nix'!
      '';

  # defs: list of { file, value }.
  mergeDefinitions =
    loc: type: defs:
    let
      all = concatMap (def: map (value: def // { inherit value; }) (discharge def.value)) defs;
      highestPrio = builtins.foldl' (p: def: lib.min p (priorityOf def)) 9999 all;
      strongest = map (unwrapIf "override") (filter (def: priorityOf def == highestPrio) all);
      ordered =
        if lib.any (def: kind def.value == "order") strongest then
          map (unwrapIf "order") (lib.sortOn orderOf strongest)
        else
          strongest;
      wrong = filter (def: !type.check def.value) ordered;
    in
    {
      inherit highestPrio;
      defs = ordered;
      isDefined = ordered != [ ];
      mergedValue =
        if ordered == [ ] then
          type.emptyValue.value
            or (throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.")
        else if wrong == [ ] then
          type.merge loc ordered
        else
          throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}";
    };

  mergeEqualOption =
    loc: defs:
    if lib.all (def: def.value == (head defs).value) defs then
      (head defs).value
    else
      throw "The option `${showOption loc}' has conflicting definition values:${showDefs defs}\n${hint}";

  mergeOneOption =
    loc: defs:
    if length defs == 1 then
      (head defs).value
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\nDefinition values:${showDefs defs}\n${hint}";

  # The value of a declared option, with what was defined for it.
  evalOption =
    loc: decl: defs:
    let
      type = decl.type or lib.types.unspecified;
      default = lib.optional (decl ? default) {
        file = head decl.files;
        value = mkOptionDefault decl.default;
      };
      res = mergeDefinitions loc type (default ++ defs);
      apply = decl.apply or lib.id;
    in
    decl
    // {
      inherit loc type;
      inherit (res) isDefined highestPrio;
      definitions = map (def: def.value) res.defs;
      definitionsWithLocations = res.defs;
      files = map (def: def.file) res.defs;
      value =
        if decl.readOnly or false && length (default ++ defs) > 1 then
          throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs defs}"
        else
          lib.addErrorContext "while evaluating the option `${showOption loc}':" (apply res.mergedValue);
    };
}
