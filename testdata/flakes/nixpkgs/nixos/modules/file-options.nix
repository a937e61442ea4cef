{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub) opt req;
in
{
  options.image = {
    baseName = opt types.str "nixos-image-${config.system.nixos.label}-${pkgs.stdenv.hostPlatform.system}";
    extension = req types.str;
    fileName = opt types.str "${config.image.baseName}.${config.image.extension}";
    filePath = opt types.str config.image.fileName;
  };
}
