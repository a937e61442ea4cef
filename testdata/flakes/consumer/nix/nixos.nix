{
  lib,
  modulesPath,
  pkgs,
  ...
}:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  boot.growPartition = true;
  boot.loader.systemd-boot.enable = true;
  environment.sessionVariables.DOCKER_HOST = "unix:///run/host-docker.sock";
  environment.systemPackages = [
    pkgs.docker-client
    pkgs.git
    pkgs.python3Packages.pip
  ];

  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
    autoResize = true;
  };
  fileSystems."/boot" = {
    device = "/dev/disk/by-label/ESP";
    fsType = "vfat";
  };
  fileSystems."/home" = {
    device = "/dev/disk/by-label/lima-data";
    fsType = "ext4";
    options = [ "nofail" ];
  };
  fileSystems."/src" = {
    device = "lima-0123456789abcdef";
    fsType = "virtiofs";
    options = [
      "rw"
      "nofail"
    ];
  };

  image.modules.qemu-efi.image.baseName = "ascalon";
  networking.hostName = lib.mkDefault "ascalon";

  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];
  nix.settings.trusted-users = [ "@wheel" ];

  programs.nix-ld.enable = true;
  programs.zsh.enable = true;
  security.sudo.wheelNeedsPassword = false;
  services.lima.enable = true;
  services.openssh.enable = true;
  services.openssh.settings.PasswordAuthentication = false;
  services.openssh.settings.StreamLocalBindUnlink = true;
  system.stateVersion = lib.mkDefault "26.05";

  systemd.services.lima-home-disk = {
    description = "Format the home disk once";
    before = [ "home.mount" ];
    wantedBy = [ "home.mount" ];
    unitConfig.DefaultDependencies = false;
    path = [
      pkgs.e2fsprogs
      pkgs.util-linux
    ];
    serviceConfig.Type = "oneshot";
    script = ''
      blkid /dev/disk/by-label/lima-data || mkfs.ext4 -L lima-data /dev/vdb
    '';
  };
  systemd.tmpfiles.rules = [ "d /run/sockets 0755 root root -" ];
  time.timeZone = lib.mkDefault "Europe/Berlin";

  users.mutableUsers = true;
  users.users.me = {
    isNormalUser = true;
    uid = 1000;
    home = "/home/me.guest";
    extraGroups = [ "wheel" ];
    linger = true;
    openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me@mac" ];
    shell = pkgs.zsh;
  };
  virtualisation.rosetta = lib.mkIf pkgs.stdenv.hostPlatform.isAarch64 {
    enable = true;
    mountTag = "vz-rosetta";
  };
  zramSwap.enable = true;
}
