{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkDefault mkIf types;
  inherit (lib.stub)
    enable
    flag
    nullable
    opt
    packages
    strs
    subs
    ;
  cfg = config.users;
  users = lib.attrValues cfg.users;

  shell = types.either types.shellPackage (types.passwdEntry types.path);
  short =
    what: s:
    if lib.stringLength s < 32 then
      s
    else
      abort "${what} '${s}' is longer than 31 characters which is not allowed!";

  user =
    { name, config, ... }:
    {
      options = {
        enable = flag true;
        name = lib.mkOption {
          type = types.passwdEntry types.str;
          apply = short "Username";
        };
        description = opt (types.passwdEntry types.str) "";
        uid = nullable types.int;
        isSystemUser = enable;
        isNormalUser = enable;
        group = lib.mkOption {
          type = types.str;
          default = "";
          apply = short "Group name";
        };
        extraGroups = strs;
        home = opt (types.passwdEntry types.path) "/var/empty";
        homeMode = opt (types.strMatching "[0-7]{1,5}") "700";
        createHome = enable;
        shell = opt (types.nullOr shell) pkgs.shadow;
        useDefaultShell = enable;
        ignoreShellProgramCheck = enable;
        autoSubUidGidRange = enable;
        linger = nullable types.bool;
        packages = packages;
        password = nullable types.str;
        initialPassword = nullable types.str;
        hashedPassword = nullable (types.passwdEntry types.str);
        initialHashedPassword = nullable (types.passwdEntry types.str);
        hashedPasswordFile = nullable types.str;
        openssh.authorizedKeys = {
          keys = opt (types.listOf types.singleLineStr) [ ];
          keyFiles = opt (types.listOf types.path) [ ];
        };
        openssh.authorizedPrincipals = opt (types.listOf types.singleLineStr) [ ];
      };
      config = lib.mkMerge [
        {
          name = mkDefault name;
          shell = mkIf config.useDefaultShell (mkDefault cfg.defaultUserShell);
        }
        (mkIf config.isNormalUser {
          group = mkDefault "users";
          createHome = mkDefault true;
          home = mkDefault "/home/${config.name}";
          useDefaultShell = mkDefault true;
          isSystemUser = mkDefault false;
        })
      ];
    };

  group =
    { name, ... }:
    {
      options = {
        name = opt (types.passwdEntry types.str) name;
        gid = nullable types.int;
        members = opt (types.listOf (types.passwdEntry types.str)) [ ];
      };
    };

  canLogin =
    u:
    (u.name == "root" || u.group == "wheel" || lib.elem "wheel" u.extraGroups)
    && (
      u.password != null
      || u.hashedPassword != null
      || u.hashedPasswordFile != null
      || u.openssh.authorizedKeys.keys != [ ]
      || u.openssh.authorizedKeys.keyFiles != [ ]
    );
  ids = name: set: lib.remove null (lib.catAttrs name (lib.attrValues set));
  homeless = lib.filter (u: !(cfg.groups ? ${u.group})) users;

  # nixpkgs' own words: a test compares with what a user would be told.
  check =
    u:
    let
      it = "users.users.${u.name}";
      isSystem = u.isSystemUser || (u.uid != null && u.uid < 1000 && !u.isNormalUser);
      shellCheck = name: {
        assertion =
          u.ignoreShellProgramCheck || u.shell != pkgs.${name} || config.programs.${name}.enable;
        message = ''
          ${it}.shell is set to ${name}, but
          programs.${name}.enable is not true. This will cause the ${name}
          shell to lack the basic nix directories in its PATH and might make
          logging in as that user impossible. You can fix it with:
          programs.${name}.enable = true;
        '';
      };
    in
    [
      {
        assertion = builtins.match "[a-zA-Z0-9_.][a-zA-Z0-9_.-]*" u.name != null;
        message = ''The username "${u.name}" is not valid, it does not match the regex "[a-zA-Z0-9_.][a-zA-Z0-9_.-]*".'';
      }
      {
        assertion = !(u.isNormalUser && u.uid != null && u.uid < 1000);
        message = ''
          A user cannot have a ${it}.uid set below 1000 and set ${it}.isNormalUser.
          Either ${it}.isSystemUser must be set to true instead of ${it}.isNormalUser
          or ${it}.uid must be changed to 1000 or above.
        '';
      }
      {
        assertion = lib.xor isSystem u.isNormalUser;
        message = "Exactly one of ${it}.isSystemUser and ${it}.isNormalUser must be set.\n";
      }
      {
        assertion = u.group != "";
        message = ''
          ${it}.group is unset. This used to default to
          nogroup, but this is unsafe. For example you can create a group
          for this user with:
          ${it}.group = "${u.name}";
          users.groups.${u.name} = {};
        '';
      }
    ]
    ++ map shellCheck [
      "fish"
      "xonsh"
      "zsh"
    ];
in
{
  options.users = {
    mutableUsers = flag true;
    allowNoPasswordLogin = enable;
    enforceIdUniqueness = flag true;
    manageLingering = flag true;
    defaultUserShell = opt shell pkgs.bashInteractive;
    motd = lib.stub.text;
    users = subs user;
    groups = subs group;
  };

  config = {
    users.defaultUserShell = mkDefault pkgs.bashInteractive;
    users.users.root = {
      uid = 0;
      group = "root";
      home = mkDefault "/root";
      shell = mkDefault cfg.defaultUserShell;
    };
    users.groups = {
      root.gid = 0;
      wheel.gid = 1;
      kvm.gid = 302;
      users.gid = 100;
      systemd-journal.gid = 62;
    };

    assertions = [
      {
        assertion =
          !cfg.enforceIdUniqueness
          || (lib.allUnique (ids "uid" cfg.users) && lib.allUnique (ids "gid" cfg.groups));
        message = "UIDs and GIDs must be unique!";
      }
      {
        assertion = homeless == [ ];
        message = ''
          The following users have a primary group that is undefined: ${
            lib.concatMapStringsSep " " (u: u.name) homeless
          }
          Hint: Add this to your NixOS configuration:
            ${lib.concatMapStringsSep "\n  " (u: "users.groups.${u.group} = {};") homeless}
        '';
      }
      {
        assertion = cfg.mutableUsers || cfg.allowNoPasswordLogin || lib.any canLogin users;
        message = ''
          Neither the root account nor any wheel user has a password or SSH authorized key.
          You must set one to prevent being locked out of your system.
          If you really want to be locked out of your system, set users.allowNoPasswordLogin = true;
          However you are most probably better off by setting users.mutableUsers = true; and
          manually running passwd root to set the root password.
        '';
      }
    ]
    ++ lib.concatMap check users;
  };
}
