lib:
let
  flake-parts-lib = {
    inherit evalFlakeModule mkFlake;
    mkPerSystemOption = module: lib.mkOption { type = lib.types.deferredModule; };
    importApply = lib.modules.importApply;
  };

  evalFlakeModule =
    {
      inputs,
      specialArgs ? { },
      self ? inputs.self
        or (throw "When invoking flake-parts, you must pass all the flake output arguments,\nand not just `self.inputs`."),
      moduleLocation ? "${self.outPath}/flake.nix",
    }:
    module:
    lib.evalModules {
      class = "flake";
      specialArgs = {
        inherit
          flake-parts-lib
          inputs
          moduleLocation
          self
          ;
      }
      // specialArgs;
      modules = [
        ./modules.nix
        (lib.setDefaultModuleLocation moduleLocation module)
      ];
    };
  mkFlake = args: module: (evalFlakeModule args module).config.flake;
in
flake-parts-lib
