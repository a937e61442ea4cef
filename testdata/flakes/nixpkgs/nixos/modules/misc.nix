{ lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    opt
    text
    ;
in
{
  options = {
    assertions = opt (types.listOf types.unspecified) [ ];
    warnings = opt (types.listOf types.str) [ ];
    meta = attrsOf types.anything;
    documentation = {
      enable = flag true;
      dev.enable = enable;
      doc.enable = flag true;
      info.enable = flag true;
      man = {
        enable = flag true;
        generateCaches = enable;
      };
      nixos.enable = flag true;
    };
    fonts.fontconfig.enable = enable;
    services = {
      avahi.enable = enable;
      cloud-init.enable = enable;
      dbus.enable = flag true;
      getty.autologinUser = lib.stub.nullable types.str;
      journald.extraConfig = text;
      logind.settings.Login = attrsOf types.anything;
      qemuGuest.enable = enable;
      resolved.enable = enable;
      spice-vdagentd.enable = enable;
      timesyncd.enable = flag true;
      udev.extraRules = text;
      userborn.enable = enable;
      xserver.enable = enable;
    };
    xdg = {
      autostart.enable = flag true;
      icons.enable = flag true;
      mime.enable = flag true;
      sounds.enable = flag true;
    };
  };

  config.services.dbus.enable = true;
}
