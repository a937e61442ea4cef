# What the qemu and raw variants add. Plain priority: another device conflicts.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkDefault mkIf types;
  cfg = config.image;
in
{
  imports = [ ./file-options.nix ];

  options.image = {
    format = lib.stub.opt (types.enum [
      "raw"
      "qcow2"
    ]) "qcow2";
    efiSupport = lib.stub.flag true;
  };

  config = {
    boot.growPartition = mkDefault true;
    boot.loader.systemd-boot.enable = mkDefault cfg.efiSupport;
    boot.loader.grub = mkIf (!cfg.efiSupport) {
      enable = lib.mkOptionDefault true;
      devices = mkDefault [ "/dev/vda" ];
    };
    fileSystems."/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
      autoResize = true;
    };
    fileSystems."/boot" = mkIf cfg.efiSupport {
      device = "/dev/disk/by-label/ESP";
      fsType = "vfat";
    };

    image.extension = if cfg.format == "raw" then "img" else cfg.format;
    # The kvm feature is left out, or no plain machine could build the stub.
    system.build.image =
      pkgs.runCommand cfg.baseName
        {
          inherit (cfg) fileName;
          inherit (config.system.build) toplevel manifest;
          passAsFile = [ "manifest" ];
        }
        ''mkdir "$out"; cat "$manifestPath" "$toplevel" > "$out/$fileName"'';
  };
}
