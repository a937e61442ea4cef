# Loading modules and evaluating them against each other.
lib:
let
  inherit (lib)
    concatMap
    imap1
    isAttrs
    isFunction
    isOption
    mapAttrs
    pushDown
    setAttrByPath
    showDefs
    showOption
    types
    zipAttrsWith
    ;

  keywords = [
    "_class"
    "_file"
    "config"
    "disabledModules"
    "freeformType"
    "imports"
    "key"
    "meta"
    "options"
    "require"
  ];

  isPathLike = v: builtins.isPath v || builtins.isString v || v ? outPath && !(v ? _type);

  # Only the arguments a module names are looked up, so that the others stay lazy.
  callModule =
    args: file: f:
    let
      get =
        name: _:
        lib.addErrorContext "while evaluating the module argument `${name}' in \"${file}\":" (
          args.${name} or args.config._module.args.${name}
        );
    in
    f (args // mapAttrs get (lib.functionArgs f));

  load =
    args: file: key: m:
    if isPathLike m then
      load args (toString m) (toString m) (import m)
    else if isFunction m && !(isAttrs m && m ? _type) then
      load args file key (callModule args file m)
    else if builtins.isList m then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Defined in ${file}."
    else if !isAttrs m then
      throw "Expected a module, but found a value of type \"${builtins.typeOf m}\", while trying to load a module into ${file}."
    else
      normalize args file key m;

  normalize =
    args: file: key: m:
    let
      type = m._type or "module";
      stray = removeAttrs m keywords;
      at = toString (m._file or file);
      base = {
        key = toString (m.key or key);
        file = at;
        imports = m.imports or [ ] ++ m.require or [ ];
        options = m.options or { };
        disabled = m.disabledModules or [ ];
      };
      freeform._module = { inherit (m) freeformType; };
      withFreeform =
        config:
        if m ? freeformType then
          lib.mkMerge [
            config
            freeform
          ]
        else
          config;
    in
    if
      lib.elem type [
        "if"
        "merge"
        "override"
      ]
    then
      {
        inherit key file;
        imports = [ ];
        options = { };
        config = m;
      }
    else if type != "module" then
      throw "Expected a module, but found a value of type \"${type}\", while trying to load a module into ${file}."
    else if m ? _class && args._class != null && m._class != null && m._class != args._class then
      throw "The module `${at}' (class: \"${m._class}\") cannot be imported into a module evaluation that expects class \"${args._class}\"."
    else if m ? config || m ? options then
      if stray == { } then
        base // { config = withFreeform (m.config or { }); }
      else
        throw "Module `${at}' has an unsupported attribute `${lib.head (lib.attrNames stray)}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${lib.concatStringsSep " " (lib.attrNames stray)}) into the explicit `config' attribute."
    else
      base // { config = withFreeform (removeAttrs m (lib.remove "meta" keywords)); };

  # Everything that imports reach, each key once; later modules come first,
  # which is the order nixpkgs merges lists in.
  collect =
    args: modules:
    let
      loadAll = parent: imap1 (n: load args parent.file "${parent.key}:anon-${toString n}");
      all = builtins.genericClosure {
        startSet = loadAll {
          file = "<unknown-file>";
          key = "";
        } modules;
        operator = m: loadAll m m.imports;
      };
      disabled = map toString (concatMap (m: m.disabled or [ ]) all);
    in
    lib.reverseList (builtins.filter (m: !(lib.elem (toString m.key) disabled)) all);

  # One declaration, or one of a submodule with others below it.
  joinDecls =
    loc: leaves: below:
    let
      first = lib.head leaves;
      files = [ first.file ];
    in
    if lib.length leaves > 1 then
      throw "The option `${showOption loc}' in `${first.file}' is already declared in `${(lib.last leaves).file}'."
    else if below == [ ] then
      first.value // { inherit files; }
    else if first.value.type ? extend then
      first.value
      // {
        inherit files;
        type = first.value.type.extend (
          map (d: {
            _file = d.file;
            options = d.value;
          }) below
        );
      }
    else
      throw "The option `${showOption loc}' in `${first.file}' would be a parent of the following options, but its type `${first.value.type.description}' does not support nested options.";

  byName = zipAttrsWith (_: found: found);

  # decls and defs: lists of { file, value }. Gives the option tree, the values
  # and the definitions that no declaration takes.
  evalTree =
    prefix: decls: defs:
    let
      spread = d: mapAttrs (_: value: d // { inherit value; }) d.value;
      declsOf = byName (map spread decls);
      push = d: map (value: d // { inherit value; }) (pushDown prefix d.file d.value);
      pushed = concatMap push defs;
      defsOf = byName (map spread pushed);
      results = mapAttrs (
        name: ds:
        let
          loc = prefix ++ [ name ];
          here = defsOf.${name} or [ ];
          split = lib.partition (d: isOption d.value) ds;
          option = lib.evalOption loc (joinDecls loc split.right split.wrong) here;
        in
        if split.right == [ ] then
          evalTree loc ds here
        else
          {
            options = option;
            config = option.value;
            unmatched = [ ];
          }
      ) declsOf;
      strangers = removeAttrs defsOf (lib.attrNames declsOf);
    in
    {
      options = mapAttrs (_: r: r.options) results;
      config = mapAttrs (_: r: r.config) results;
      unmatched =
        concatMap (name: map (d: d // { loc = prefix ++ [ name ]; }) strangers.${name}) (
          lib.attrNames strangers
        )
        ++ concatMap (r: r.unmatched) (lib.attrValues results);
    };

  internal = {
    key = "internal";
    file = "lib/modules.nix";
    options._module = {
      args = lib.mkOption { type = types.lazyAttrsOf types.raw; };
      check = lib.mkOption {
        type = types.bool;
        default = true;
      };
      freeformType = lib.mkOption {
        type = types.nullOr types.optionType;
        default = null;
      };
    };
    config = { };
  };

  evalModules =
    evalArgs@{
      modules,
      specialArgs ? { },
      prefix ? [ ],
      class ? null,
    }:
    let
      args = {
        inherit config options;
        lib = lib.public;
        inherit specialArgs extendModules;
        _class = class;
        _prefix = prefix;
      }
      // specialArgs;
      loaded = [ internal ] ++ collect args modules;
      pick =
        name:
        map (m: {
          inherit (m) file;
          value = m.${name};
        }) loaded;
      tree = evalTree prefix (pick "options") (pick "config");
      freeform = tree.config._module.freeformType;
      relative = loc: lib.drop (lib.length prefix) loc;
      free = freeform.merge prefix (
        map (d: {
          inherit (d) file;
          value = setAttrByPath (relative d.loc) d.value;
        }) tree.unmatched
      );
      first = lib.head tree.unmatched;
      check =
        if tree.unmatched == [ ] || freeform != null || !tree.config._module.check then
          true
        else
          throw "The option `${showOption first.loc}' does not exist. Definition values:${showDefs [ first ]}";
      declared =
        if freeform != null && tree.unmatched != [ ] then
          lib.recursiveUpdate free tree.config
        else
          tree.config;
      # Modules see the unchecked values, or every one of them would wait for the check.
      config = declared;
      inherit (tree) options;
      extendModules =
        {
          modules ? [ ],
          specialArgs ? { },
          prefix ? [ ],
        }:
        evalModules (
          evalArgs
          // {
            modules = evalArgs.modules ++ modules;
            specialArgs = evalArgs.specialArgs or { } // specialArgs;
            prefix = if prefix == [ ] then evalArgs.prefix or [ ] else prefix;
          }
        );
    in
    {
      inherit class extendModules;
      config = builtins.seq check (removeAttrs config [ "_module" ]);
      options = builtins.seq check options;
      _module = builtins.seq check config._module;
      _type = "configuration";
    };
in
{
  inherit evalModules;
  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
  importApply = file: arg: {
    _file = toString file;
    imports = [ (import file arg) ];
  };
}
