# What a small guest's options are: their types in words, and the priority that NixOS itself defines them at, or that
# of their defaults, 1500. The same function asks the stubs, where tests compare it, and a whole nixpkgs, where it is
# recorded (options.sh).
{
  nixpkgs,
  evalConfig ? nixpkgs + "/nixos/lib/eval-config.nix",
  nixos-lima,
  names ? null,
}:
let
  lib = import (nixpkgs + "/lib");
  inherit
    (import evalConfig {
      system = null;
      modules = [
        nixos-lima
        {
          boot.loader.systemd-boot.enable = true;
          fileSystems."/" = {
            device = "/dev/vda2";
            fsType = "ext4";
          };
          nixpkgs.hostPlatform = "aarch64-linux";
          programs.nix-ld.enable = true;
          services.lima.enable = true;
          services.openssh.enable = true;
          system.stateVersion = "26.05";
        }
      ];
    })
    options
    ;
  said = o: "${o.type.description or "?"}, ${toString o.highestPrio}";
  listed =
    path: o:
    if lib.isOption o then
      [ (lib.concatStringsSep "." path) ]
    else if builtins.isAttrs o then
      lib.concatMap (name: listed (path ++ [ name ]) o.${name}) (
        builtins.filter (name: name != "_module" && name != "_type") (builtins.attrNames o)
      )
    else
      [ ];
in
if names == null then
  listed [ ] options
else
  builtins.listToAttrs (
    map (name: {
      inherit name;
      value =
        let
          o = lib.attrByPath (lib.splitString "." name) null options;
        in
        if o == null then "missing" else if lib.isOption o then said o else "not an option";
    }) names
  )
