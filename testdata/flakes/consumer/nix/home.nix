{ lib, pkgs, ... }:
{
  home.username = lib.mkDefault "me";
  home.homeDirectory = lib.mkDefault "/home/me.guest";
  home.stateVersion = lib.mkDefault "26.05";
  home.packages = [ pkgs.ripgrep ];
  programs.ssh.includes = [ "~/.lima/default/ssh.config" ];
  xdg.configFile."wezterm/ascalon.lua".text = ''
    return { apply = function(config) end }
  '';
}
