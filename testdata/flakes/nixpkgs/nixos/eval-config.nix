# lib.nixosSystem: the modules of a system against our option declarations.
{
  modules,
  specialArgs ? { },
  system ? null,
  modulesLocation ? null,
}:
let
  lib = import ../lib;
  place =
    m: if modulesLocation == null then m else lib.setDefaultModuleLocation modulesLocation m;
  eval = lib.evalModules {
    class = "nixos";
    specialArgs = {
      modulesPath = toString ./modules;
    }
    // specialArgs;
    modules =
      import ./modules/module-list.nix
      ++ lib.optional (system != null) { nixpkgs.system = system; }
      ++ map place modules;
  };
  # Each image variant is such an evaluation too, so the extras go on last.
  withExtras =
    e:
    e
    // {
      inherit lib;
      inherit (e._module.args) pkgs;
      extraArgs = { };
      extendModules = args: withExtras (e.extendModules args);
    };
in
withExtras eval
