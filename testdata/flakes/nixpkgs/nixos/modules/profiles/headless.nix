{ lib, ... }:
{
  boot.loader.timeout = lib.mkDefault 1;
  systemd.enableEmergencyMode = lib.mkDefault false;
}
