# Boot loaders. Two of them would both install themselves: a conflict.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf types;
  inherit (lib.stub)
    enable
    flag
    nullable
    opt
    strs
    text
    ;
  inherit (config.boot.loader) grub systemd-boot efi;
  installer = name: pkgs.writeShellScript "install-${name}" "echo ${name}";
  limit = types.nullOr types.int;
in
{
  options.boot.loader = {
    efi = {
      canTouchEfiVariables = enable;
      efiSysMountPoint = opt types.str "/boot";
    };
    generic-extlinux-compatible.enable = enable;
    external.enable = enable;
    systemd-boot = {
      enable = enable;
      configurationLimit = opt limit null;
      consoleMode = opt (types.enum [
        "0"
        "1"
        "2"
        "5"
        "auto"
        "max"
        "keep"
      ]) "keep";
      editor = flag true;
      graceful = enable;
      extraFiles = lib.stub.attrsOf types.path;
    };
    grub = {
      enable = flag (!config.boot.isContainer);
      device = opt types.str "";
      devices = strs;
      efiSupport = enable;
      efiInstallAsRemovable = enable;
      configurationLimit = opt types.int 100;
      useOSProber = enable;
      extraConfig = text;
      extraEntries = text;
      default = opt (types.either types.int types.str) "0";
      splashImage = nullable types.path;
      fsIdentifier = opt (types.enum [
        "uuid"
        "label"
        "provided"
      ]) "uuid";
      forceInstall = enable;
      zfsSupport = enable;
      enableCryptodisk = enable;
      users = lib.stub.attrsOf types.anything;
      timeoutStyle = opt (types.enum [
        "menu"
        "countdown"
        "hidden"
      ]) "menu";
      mirroredBoots = opt (types.listOf types.attrs) [ ];
    };
  };

  config = lib.mkMerge [
    (mkIf (grub.device != "") { boot.loader.grub.devices = [ grub.device ]; })
    (mkIf systemd-boot.enable {
      boot.loader.grub.enable = lib.mkDefault false;
      system.build.installBootLoader = installer "systemd-boot";
    })
    (mkIf grub.enable {
      system.build.installBootLoader = installer "grub";
      assertions = [
        {
          assertion = grub.devices != [ ] || grub.mirroredBoots != [ ];
          message = "You must set the option ‘boot.loader.grub.devices’ or 'boot.loader.grub.mirroredBoots' to make the system bootable.";
        }
        {
          assertion = grub.efiInstallAsRemovable -> grub.efiSupport;
          message = "If you wish to to use boot.loader.grub.efiInstallAsRemovable, then turn on boot.loader.grub.efiSupport";
        }
        {
          assertion = grub.efiInstallAsRemovable -> !efi.canTouchEfiVariables;
          message = "If you wish to to use boot.loader.grub.efiInstallAsRemovable, then turn off boot.loader.efi.canTouchEfiVariables";
        }
      ];
    })
  ];
}
