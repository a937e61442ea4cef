{ lib, ... }:
{
  documentation.enable = lib.mkDefault false;
  documentation.nixos.enable = lib.mkDefault false;
  xdg.icons.enable = lib.mkDefault false;
}
