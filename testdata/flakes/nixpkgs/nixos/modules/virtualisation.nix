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
    opt
    packages
    strs
    ;
  inherit (config.virtualisation) rosetta docker;
  engine = {
    enable = enable;
    autoPrune = {
      enable = enable;
      dates = opt types.str "weekly";
      flags = strs;
    };
  };
in
{
  options.virtualisation = {
    diskSize = opt (types.either (types.enum [ "auto" ]) types.ints.positive) "auto";
    containerd.enable = enable;
    containers.enable = enable;
    rosetta = {
      enable = enable;
      mountTag = opt types.str "rosetta";
    };
    docker = engine // {
      enableOnBoot = flag true;
      daemon.settings = attrsOf types.anything;
      extraOptions = opt (types.separatedString " ") "";
      extraPackages = packages;
      rootless = {
        enable = enable;
        setSocketVariable = enable;
      };
      storageDriver = lib.stub.nullable (
        types.enum [
          "aufs"
          "btrfs"
          "devicemapper"
          "overlay"
          "overlay2"
          "zfs"
        ]
      );
    };
    podman = engine // {
      dockerCompat = enable;
      dockerSocket.enable = enable;
    };
  };

  config = lib.mkMerge [
    (lib.mkIf rosetta.enable {
      assertions = [
        {
          assertion = pkgs.stdenv.hostPlatform.isAarch64;
          message = "Rosetta is only supported on aarch64 systems";
        }
      ];
      fileSystems."/run/rosetta" = {
        device = rosetta.mountTag;
        fsType = "virtiofs";
      };
    })
    (lib.mkIf docker.enable {
      users.groups.docker.gid = 131;
      environment.systemPackages = [ pkgs.docker ];
    })
  ];
}
