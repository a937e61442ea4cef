{ lib, pkgs, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    packages
    strs
    subs
    text
    ;

  hostName = types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$";
  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.str
      types.path
      types.package
    ]
  );

  user =
    { name, ... }:
    {
      options = {
        name = opt types.nonEmptyStr name;
        description = nullable types.nonEmptyStr;
        uid = lib.stub.req types.int;
        gid = opt types.int 20;
        isHidden = flag true;
        # Null, unlike NixOS: home-manager's module needs it set.
        home = nullable types.path;
        createHome = enable;
        shell = nullable (types.either types.shellPackage types.path);
        ignoreShellProgramCheck = enable;
        packages = packages;
        openssh.authorizedKeys.keys = opt (types.listOf types.singleLineStr) [ ];
        openssh.authorizedKeys.keyFiles = opt (types.listOf types.path) [ ];
      };
    };

  machine.options = {
    hostName = lib.stub.req types.str;
    protocol = opt (types.enum [
      null
      "ssh"
      "ssh-ng"
    ]) "ssh";
    system = nullable types.str;
    systems = strs;
    sshUser = nullable types.str;
    sshKey = nullable types.str;
    maxJobs = opt types.int 1;
    speedFactor = opt types.int 1;
    supportedFeatures = strs;
    mandatoryFeatures = strs;
    publicHostKey = nullable types.str;
  };

  shell = {
    enable = flag true;
    interactiveShellInit = text;
    loginShellInit = text;
    promptInit = text;
    shellInit = text;
  };

  file =
    { name, config, ... }:
    {
      options = {
        enable = flag true;
        target = opt types.str name;
        text = text;
        source = lib.stub.req types.path;
        copy = enable;
      };
      config.source = lib.mkIf (config.text != "") (
        lib.mkDefault (pkgs.writeText "etc-file" config.text)
      );
    };
in
{
  options = {
    environment = {
      systemPackages = packages;
      systemPath = strs;
      pathsToLink = strs;
      variables = attrsOf (types.either types.str (types.listOf types.str));
      shellAliases = attrsOf types.str;
      shells = opt (types.listOf (types.either types.shellPackage types.path)) [ ];
      etc = subs file;
      extraInit = text;
    };
    networking = {
      hostName = nullable hostName;
      localHostName = nullable hostName;
      computerName = nullable types.str;
    };
    time.timeZone = nullable types.str;
    programs = {
      bash = shell;
      zsh = shell;
      fish = shell // {
        enable = enable;
      };
      ssh.extraConfig = text;
      ssh.knownHosts = attrsOf types.anything;
      direnv.enable = enable;
    };
    users = {
      users = subs user;
      groups = attrsOf types.anything;
      knownUsers = strs;
      knownGroups = strs;
    };
    nix = {
      enable = flag true;
      package = opt types.package pkgs.nix;
      distributedBuilds = enable;
      buildMachines = opt (types.listOf (types.submodule machine)) [ ];
      extraOptions = text;
      gc.automatic = enable;
      optimise.automatic = enable;
      settings = opt (types.submodule {
        freeformType = types.attrsOf (types.either atom (types.listOf atom));
        options = {
          trusted-users = strs;
          max-jobs = opt (types.either types.int (types.enum [ "auto" ])) "auto";
        };
      }) { };
      linux-builder = {
        enable = enable;
        package = opt types.package pkgs.nix;
        config = opt types.deferredModule { };
        ephemeral = enable;
        mandatoryFeatures = strs;
        maxJobs = opt types.ints.positive 1;
        protocol = opt types.str "ssh-ng";
        speedFactor = opt types.ints.positive 1;
        supportedFeatures = opt (types.listOf types.str) [
          "kvm"
          "benchmark"
          "big-parallel"
        ];
        systems = strs;
        workingDirectory = opt types.str "/var/lib/linux-builder";
      };
    };
    security.sudo.extraConfig = nullable types.lines;
    services.openssh.enable = nullable types.bool;
    homebrew = {
      enable = enable;
      brews = opt (types.listOf types.anything) [ ];
      casks = opt (types.listOf types.anything) [ ];
    };
  };
}
