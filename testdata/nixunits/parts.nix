# What our modules set, of an evaluated configuration: the same function gives it for a whole nixpkgs, where it is
# recorded, and for the stubs of testdata/flakes, where the tests compare it.
config:
let
  inherit (builtins)
    attrNames
    filter
    listToAttrs
    map
    mapAttrs
    match
    ;
  keep = attrs: names: listToAttrs (map (name: { inherit name; value = attrs.${name}; }) (filter (n: attrs ? ${n}) names));
  ours = filter (name: match "vmloom-.*|lima-init" name != null) (attrNames config.systemd.services);
  defined = [
    "after"
    "before"
    "conflicts"
    "description"
    "requires"
    "restartIfChanged"
    "script"
    "wantedBy"
    "wants"
  ];
  # nixpkgs adds conditions and the like; lima-init's script is nixos-lima's, which the stub has only in a word.
  service =
    name: unit:
    keep unit (if name == "lima-init" then filter (n: n != "script") defined else defined)
    // {
      type = unit.serviceConfig.Type;
      unitConfig = keep unit.unitConfig [
        "DefaultDependencies"
        "RequiresMountsFor"
        "X-StopOnRemoval"
      ];
    };
in
{
  services = listToAttrs (map (name: { inherit name; value = service name config.systemd.services.${name}; }) ours);
  fileSystems = mapAttrs (_: fs: keep fs [ "device" "fsType" "noCheck" "options" ]) config.fileSystems;
  tmpfiles = mapAttrs (_: mapAttrs (_: rule: keep rule [ "group" "mode" "user" ])) (config.systemd.tmpfiles.settings."10-vmloom" or { });
  sshd = keep config.services.openssh.settings [
    "ClientAliveCountMax"
    "ClientAliveInterval"
    "KbdInteractiveAuthentication"
    "PasswordAuthentication"
    "PermitRootLogin"
    "StreamLocalBindUnlink"
  ];
  inherit (config.security.sudo) wheelNeedsPassword;
}
