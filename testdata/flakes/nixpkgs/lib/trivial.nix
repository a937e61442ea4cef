lib:
let
  inherit (builtins) isAttrs isFunction trace;
  warn = builtins.warn or (msg: trace "warning: ${msg}");
in
{
  inherit warn;
  inherit (builtins)
    add
    deepSeq
    functionArgs
    isBool
    isFloat
    isInt
    pathExists
    readFile
    seq
    sub
    ;

  id = x: x;
  const = x: _: x;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (x: f: f x);
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  xor = a: b: a != b;
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  isFunction = f: isFunction f || (isAttrs f && f ? __functor);
  setFunctionArgs = f: args: {
    __functor = _: f;
    __functionArgs = args;
  };
  defaultTo = default: v: if v == null then default else v;
  mapNullable = f: v: if v == null then v else f v;
  importJSON = file: builtins.fromJSON (builtins.readFile file);
  importTOML = file: builtins.fromTOML (builtins.readFile file);
  warnIf = cond: msg: if cond then warn msg else lib.id;
  warnIfNot = cond: lib.warnIf (!cond);
  throwIf = cond: msg: if cond then throw msg else lib.id;
  throwIfNot = cond: lib.throwIf (!cond);
  release = "26.05";
  version = "26.05.stub";
}
