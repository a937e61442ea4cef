# all: with our internals. public: no name that real nixpkgs' lib lacks, but
# `stub`, so that a template cannot lean on one of ours.
let
  parts = map (file: import file all) [
    ./attrsets.nix
    ./lists.nix
    ./strings.nix
    ./trivial.nix
    ./misc.nix
    ./options.nix
    ./merge.nix
    ./modules.nix
    ./types.nix
    ./rename.nix
  ];
  all = builtins.foldl' (acc: part: acc // part) { } parts // {
    inherit public;
  };
  public =
    removeAttrs all [
      "availableOn"
      "checkAssertWarn"
      "escapeNixIdentifier"
      "evalOption"
      "importApply"
      "mergeDefs"
      "nixKeywords"
      "public"
      "pushDown"
      "release"
      "showDefs"
    ]
    // {
      asserts = { inherit (all) assertMsg checkAssertWarn; };
      attrsets = import ./attrsets.nix all;
      lists = import ./lists.nix all;
      meta = { inherit (all) availableOn getExe getExe'; };
      modules = {
        inherit (all)
          evalModules
          importApply
          mergeDefinitions
          mkAfter
          mkAliasOptionModule
          mkBefore
          mkDefault
          mkForce
          mkIf
          mkMerge
          mkOptionDefault
          mkOrder
          mkOverride
          mkRemovedOptionModule
          mkRenamedOptionModule
          setDefaultModuleLocation
          ;
      };
      options = removeAttrs (import ./options.nix all) [ "stub" ];
      strings = removeAttrs (import ./strings.nix all) [ "nixKeywords" ];
      trivial = import ./trivial.nix all;
    };
in
public
