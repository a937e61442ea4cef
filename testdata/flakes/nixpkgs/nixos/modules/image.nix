{
  config,
  extendModules,
  lib,
  ...
}:
let
  inherit (lib) types;

  disk = format: efiSupport: {
    imports = [ ./disk-image.nix ];
    image = { inherit format efiSupport; };
  };

  # Real nixpkgs has more variants; a generated flake needs a disk.
  variants = {
    qemu-efi.imports = [ ./disk-image.nix ];
    qemu = disk "qcow2" false;
    raw-efi = disk "raw" true;
    raw = disk "raw" false;
  };

  imageOf =
    name: module:
    let
      variant = (extendModules { modules = [ module ]; }).config;
      image =
        variant.system.build.image
          or (throw "Module for `system.build.images.${name}` misses required `system.build.image` option.");
    in
    image
    // {
      passthru = {
        config = variant;
        inherit (variant.image) filePath;
      };
    };
in
{
  options.image.modules = lib.stub.opt (types.attrsOf types.deferredModule) { };
  config = {
    image.modules = variants;
    system.build.images = lib.mapAttrs imageOf config.image.modules;
  };
}
