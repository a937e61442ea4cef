# lib.hm: entries of a dependency graph, as activation scripts are given.
lib:
let
  entry = before: after: data: {
    inherit before after data;
  };
  inherit (lib) types;
  strs = lib.stub.strs;
in
{
  dag = {
    entryAnywhere = entry [ ] [ ];
    entryAfter = entry [ ];
    entryBefore = before: entry before [ ];
    entryBetween = entry;
  };
  types.dagOf =
    type:
    let
      isEntry = v: lib.isAttrs v && v ? data && v ? after && v ? before;
      entryType = types.submodule {
        options = {
          data = lib.stub.req type;
          after = strs;
          before = strs;
        };
      };
      wrap = v: if isEntry v then v else entry [ ] [ ] v;
    in
    types.attrsOf (
      types.coercedTo (
        type
        // {
          check = v: !(isEntry v) && type.check v;
        }
      ) wrap entryType
    )
    // {
      description = "DAG of ${type.description}";
    };
}
