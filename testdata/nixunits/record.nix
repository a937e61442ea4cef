# What NixOS makes of our modules, as a tree of files for a Debian: nix eval --write-to writes it (record.sh).
{
  nixpkgs,
  nixos-lima,
  repository,
}:
let
  inherit (builtins)
    concatStringsSep
    filter
    isList
    map
    match
    replaceStrings
    split
    unsafeDiscardStringContext
    ;
  lib = import (nixpkgs + "/lib");
  parts = import ./parts.nix;

  # A Debian has its programs in /usr; scripts of units are laid into /usr/local/bin.
  debian =
    text:
    let
      moved =
        piece:
        if !isList piece then
          piece
        else if match ".*-unit-script-.*" (builtins.elemAt piece 0) != null then
          "/usr/local"
        else
          "/usr";
      once = path: concatStringsSep ":" (lib.unique (lib.splitString ":" path));
      line = l: if lib.hasPrefix "Environment=\"PATH=" l then "Environment=\"PATH=${once (lib.removePrefix "Environment=\"PATH=" (lib.removeSuffix "\"" l))}\"" else l;
    in
    lib.concatMapStringsSep "\n" line (
      lib.splitString "\n" (
        replaceStrings [ "/run/current-system/sw/bin" "/run/wrappers/bin" ] [ "/usr/local/bin" "/usr/bin" ] (
          concatStringsSep "" (
            map moved (split "(/nix/store/[a-z0-9]{32}-[A-Za-z0-9+._?=-]+)" (unsafeDiscardStringContext text))
          )
        )
      )
    );

  evaluate =
    module:
    (import (nixpkgs + "/nixos/lib/eval-config.nix") {
      system = null;
      modules = [
        module
        (nixos-lima + "/lima-init.nix")
        # The tests' VM is one; nothing of what is recorded depends on it.
        { nixpkgs.hostPlatform = lib.mkForce "x86_64-linux"; }
      ];
    }).config;

  record =
    module:
    let
      config = evaluate module;
      units = filter (name: match "vmloom-.*|lima-.*" name != null) (builtins.attrNames config.systemd.services);
      named = suffix: f: builtins.listToAttrs (map (name: { name = name + suffix; value = debian (f name); }) units);
      value = v: if builtins.isBool v then (if v then "yes" else "no") else toString v;
      failed = map (a: a.message) (filter (a: !a.assertion) config.assertions);
    in
    if failed != [ ] then
      throw (concatStringsSep "\n" failed)
    else
      {
        "parts.json" = debian (builtins.toJSON (parts config)) + "\n";
        units = named ".service" (name: config.systemd.units."${name}.service".text);
        scripts = named "-start" (name: "#!/bin/bash\nset -e\n\n" + config.systemd.services.${name}.script);
        fstab = debian config.environment.etc.fstab.text;
        "tmpfiles.conf" = debian (rules config);
        # Of the settings those of ours: a sshd of another age knows other ciphers.
        sshd_config =
          lib.concatStrings (lib.mapAttrsToList (name: v: "${name} ${value v}\n") (parts config).sshd)
          + "AuthorizedKeysFile ${concatStringsSep " " config.services.openssh.authorizedKeysFiles}\n";
        keys = lib.concatStrings (
          lib.mapAttrsToList (_: f: f.text) (
            lib.filterAttrs (name: _: lib.hasPrefix "ssh/vmloom_keys.d/" name) config.environment.etc
          )
        );
        "profile.sh" = config.environment.loginShellInit + "\n";
        sudoers = debian config.security.sudo.configFile;
        user = lib.concatStringsSep "\n" (
          lib.concatMap (
            u:
            lib.optional u.isNormalUser "${u.name} ${toString (if u.uid == null then 1000 else u.uid)} ${u.home} ${u.group} ${concatStringsSep "," u.extraGroups}"
          ) (builtins.attrValues config.users.users)
        ) + "\n";
      };

  # mkRuleFileContent of nixos/modules/system/boot/systemd/tmpfiles.nix, which does not give it away.
  rules =
    config:
    lib.concatStrings (
      lib.mapAttrsToList (path: lib.concatMapAttrsStringSep "" (
        _: r: "'${r.type}' '${path}' '${r.mode}' '${r.user}' '${r.group}' '${r.age}' ${r.argument}\n"
      )) (config.systemd.tmpfiles.settings."10-vmloom" or { })
    );
in
{
  atelier = record (repository + "/testdata/golden/nixos-own/generated/atelier/nix/nixos.nix");
  ascalon = record (repository + "/examples/ascalon-nixos/generated/ascalon/nix/nixos.nix");
  lab = record (repository + "/testdata/golden/nixos-linux/generated/lab/nix/nixos.nix");
  team = record (repository + "/testdata/golden/shared-nixos/generated/team-nixos/nix/nixos.nix");
}
