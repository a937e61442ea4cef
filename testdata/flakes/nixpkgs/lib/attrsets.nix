lib:
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    foldl'
    isAttrs
    listToAttrs
    mapAttrs
    zipAttrsWith
    ;
  inherit (lib) nameValuePair setAttrByPath;
in
{
  inherit
    attrNames
    attrValues
    isAttrs
    listToAttrs
    mapAttrs
    zipAttrsWith
    ;
  inherit (builtins)
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    removeAttrs
    ;

  nameValuePair = name: value: { inherit name value; };
  optionalAttrs = cond: set: if cond then set else { };
  isDerivation = v: v.type or null == "derivation";

  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = lib.mapAttrsToList nameValuePair;
  concatMapAttrs = f: set: lib.mergeAttrsList (lib.mapAttrsToList f set);
  mergeAttrsList = foldl' (acc: set: acc // set) { };
  foldlAttrs =
    f: init: set:
    foldl' (acc: name: f acc name set.${name}) init (attrNames set);
  zipAttrs = zipAttrsWith (_: values: values);
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  filterAttrs =
    keep: set:
    listToAttrs (
      concatMap (name: lib.optional (keep name set.${name}) (nameValuePair name set.${name})) (
        attrNames set
      )
    );
  getAttrs = names: set: lib.genAttrs names (name: set.${name});

  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${lib.head path} then
      lib.attrByPath (lib.tail path) default set.${lib.head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ]
    || (
      isAttrs set && set ? ${lib.head path} && lib.hasAttrByPath (lib.tail path) set.${lib.head path}
    );
  getAttrFromPath =
    path: lib.attrByPath path (throw "cannot find attribute '${lib.concatStringsSep "." path}'");
  setAttrByPath =
    path: value:
    if path == [ ] then value else { ${lib.head path} = setAttrByPath (lib.tail path) value; };

  recursiveUpdate =
    a: b:
    a
    // mapAttrs (
      name: value:
      if isAttrs value && isAttrs (a.${name} or null) then lib.recursiveUpdate a.${name} value else value
    ) b;
  mapAttrsRecursive =
    f:
    let
      go = path: mapAttrs (name: v: (if isAttrs v then go else f) (path ++ [ name ]) v);
    in
    go [ ];
}
