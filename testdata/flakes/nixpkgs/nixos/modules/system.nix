# The derivation a switch would activate, and what it must contain.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub) nullable opt strs;

  # The toplevel forces every option but these, so that a wrong type anywhere
  # fails a build, as it does in NixOS where nearly all are used.
  used =
    removeAttrs options [
      "_module"
      "assertions"
      "image"
      "warnings"
    ]
    // {
      nixpkgs = removeAttrs options.nixpkgs [ "pkgs" ];
      system = removeAttrs options.system [ "build" ];
    };

  manifest = builtins.toJSON {
    hostName = config.networking.hostName;
    users = lib.mapAttrs (_: u: {
      inherit (u) uid home extraGroups;
      shell = toString u.shell;
    }) config.users.users;
    mounts = lib.mapAttrs (_: fs: {
      inherit (fs) device fsType options;
    }) config.fileSystems;
    packages = map lib.getName config.environment.systemPackages;
    variables = config.environment.variables;
    inherit (config.system) stateVersion;
  };

  toplevel =
    pkgs.runCommand "nixos-system-${config.networking.hostName}-${config.system.nixos.label}"
      {
        configuration = builtins.toJSON (lib.stub.force used);
        installBootLoader =
          config.system.build.installBootLoader or (throw "no boot loader is enabled");
        passAsFile = [ "configuration" ];
      }
      ''cat "$configurationPath" > "$out"'';
in
{
  options.system = {
    name = opt types.str config.networking.hostName;
    stateVersion = opt types.str lib.trivial.release;
    configurationRevision = nullable types.str;
    autoUpgrade.enable = lib.stub.enable;
    switch.enable = lib.stub.flag true;
    nixos.label = opt (types.strMatching "[a-zA-Z0-9:_.-]*") lib.version;
    nixos.tags = strs;
    activationScripts = lib.stub.attrsOf (
      types.either types.str (
        types.submodule {
          options = {
            deps = strs;
            text = lib.stub.text;
            supportsDryActivation = lib.stub.enable;
          };
        }
      )
    );
    extraDependencies = opt (types.listOf types.pathInStore) [ ];
    build = opt (types.submodule {
      freeformType = types.lazyAttrsOf (types.uniq types.raw);
    }) { };
  };

  config = {
    system.build.toplevel = lib.asserts.checkAssertWarn config.assertions config.warnings toplevel;
    system.build.manifest = manifest;
    system.nixos.label = lib.mkDefault lib.version;
  };
}
