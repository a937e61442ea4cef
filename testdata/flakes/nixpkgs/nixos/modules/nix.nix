{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    strs
    subs
    text
    ;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
      types.path
      types.package
    ]
  );

  times = types.coercedTo types.singleLineStr lib.toList (types.listOf types.str);

  settings = {
    freeformType = types.attrsOf (types.either atom (types.listOf atom));
    options = {
      allowed-users = opt (types.listOf types.str) [ "*" ];
      auto-optimise-store = enable;
      cores = opt types.int 0;
      extra-sandbox-paths = strs;
      max-jobs = opt (types.either types.int (types.enum [ "auto" ])) "auto";
      require-sigs = flag true;
      sandbox = opt (types.either types.bool (types.enum [ "relaxed" ])) true;
      substituters = strs;
      system-features = strs;
      trusted-public-keys = strs;
      trusted-substituters = strs;
      trusted-users = strs;
    };
  };

  registry =
    { config, name, ... }:
    let
      ref = types.attrsOf (
        types.oneOf [
          types.str
          types.int
          types.bool
          types.path
          types.package
        ]
      );
    in
    {
      options = {
        from = opt ref {
          type = "indirect";
          id = name;
        };
        to = lib.stub.req ref;
        flake = nullable types.attrs;
        exact = flag true;
      };
      config.to = lib.mkIf (config.flake != null) (
        lib.mkDefault {
          type = "path";
          path = config.flake.outPath;
        }
      );
    };

  machine = {
    options = {
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
  };
in
{
  options.nix = {
    enable = flag true;
    package = lib.mkPackageOption pkgs "nix" { };
    checkConfig = flag true;
    channel.enable = flag true;
    settings = opt (types.submodule settings) { };
    extraOptions = text;
    nixPath = opt (types.listOf types.str) [ "nixpkgs=flake:nixpkgs" ];
    registry = subs registry;
    distributedBuilds = enable;
    buildMachines = opt (types.listOf (types.submodule machine)) [ ];
    gc = {
      automatic = enable;
      dates = opt (types.either types.singleLineStr (types.listOf types.str)) [ "03:15" ];
      options = opt types.singleLineStr "";
      persistent = flag true;
      randomizedDelaySec = opt types.singleLineStr "0";
    };
    optimise = {
      automatic = enable;
      dates = opt times [ "03:45" ];
      persistent = flag true;
    };
    sshServe = {
      enable = enable;
      keys = strs;
    };
    envVars = opt types.attrs { };
  };

  config = {
    nix.settings = {
      trusted-users = [ "root" ];
      substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
    };
    assertions = [
      {
        assertion = config.nix.gc.automatic -> config.nix.enable;
        message = "nix.gc.automatic requires nix.enable";
      }
    ];
  };
}
