{
  config,
  lib,
  pkgs,
  ...
}:
let
  cidata = "/mnt/lima-cidata";
in
{
  options.services.lima.enable = lib.mkEnableOption "the guest side of Lima";

  config = lib.mkIf config.services.lima.enable {
    systemd.services.lima-init = {
      description = "Reconfigure the system from lima-init userdata on startup";
      after = [ "network-pre.target" ];
      restartIfChanged = true;
      unitConfig.X-StopOnRemoval = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
      script = "echo lima-init";
    };
    systemd.services.lima-guestagent = {
      description = "Forward ports to the lima-hostagent";
      wantedBy = [ "multi-user.target" ];
      after = [
        "network.target"
        "lima-init.service"
      ];
      requires = [ "lima-init.service" ];
      serviceConfig = {
        Type = "simple";
        Restart = "on-failure";
      };
      script = "echo lima-guestagent";
    };
    fileSystems.${cidata} = {
      device = "/dev/disk/by-label/cidata";
      fsType = "auto";
      options = [
        "ro"
        "mode=0700"
        "dmode=0700"
        "overriderockperm"
        "exec"
        "uid=0"
      ];
    };
    environment.etc.environment.source = "${cidata}/etc_environment";
    networking.nat.enable = true;
    environment.systemPackages = [
      pkgs.bash
      pkgs.fuse3
      pkgs.sshfs
    ];
    boot.kernel.sysctl = {
      "kernel.unprivileged_userns_clone" = 1;
      "net.ipv4.ip_unprivileged_port_start" = 0;
      "net.ipv4.ping_group_range" = "0 2147483647";
    };
  };
}
