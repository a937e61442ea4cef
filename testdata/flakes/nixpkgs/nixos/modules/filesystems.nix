{ config, lib, ... }:
let
  inherit (lib) mkDefault mkIf types;
  inherit (lib.stub)
    enable
    flag
    nullable
    opt
    req
    ;

  checked =
    desc: check:
    types.addCheck types.str check // { description = "string (with check: ${desc})"; };
  isNonEmpty = s: builtins.match "[ \t\n]*" s == null;
  nonEmpty = checked "non-empty" isNonEmpty;
  mountPoint = checked "non-empty without trailing slash" (
    s: isNonEmpty s && builtins.match ".+/" s == null
  );

  early = [
    "/"
    "/nix"
    "/nix/store"
    "/var"
    "/var/log"
    "/var/lib"
    "/var/lib/nixos"
    "/etc"
    "/usr"
  ];
  resizable = [
    "ext3"
    "ext4"
    "btrfs"
    "xfs"
  ];

  fileSystem =
    { name, config, ... }:
    {
      options = {
        enable = flag true;
        mountPoint = opt mountPoint name;
        device = nullable nonEmpty;
        # 26.05 took the default "auto" away.
        fsType = req nonEmpty;
        options = opt (types.nonEmptyListOf nonEmpty) [ "defaults" ];
        depends = opt (types.listOf mountPoint) [ ];
        label = nullable nonEmpty;
        autoFormat = enable;
        autoResize = enable;
        noCheck = enable;
        neededForBoot = enable;
      };
      config = {
        device = lib.mkMerge [
          (mkIf (config.label != null) (mkDefault "/dev/disk/by-label/${config.label}"))
          (mkIf (lib.elem config.fsType [
            "proc"
            "sysfs"
            "tmpfs"
            "ramfs"
            "devtmpfs"
          ]) (mkDefault config.fsType))
        ];
        options = lib.mkMerge [
          (mkIf config.autoResize [ "x-systemd.growfs" ])
          (mkIf config.autoFormat [ "x-systemd.makefs" ])
          (mkIf (config.neededForBoot || lib.elem config.mountPoint early) [ "x-initrd.mount" ])
          (mkIf (config.depends != [ ]) (
            map (path: "x-systemd.requires-mounts-for=${path}") config.depends
          ))
        ];
      };
    };

  swap =
    { config, ... }:
    {
      options = {
        device = opt nonEmpty "/dev/disk/by-label/${toString config.label}";
        label = nullable types.str;
        size = nullable types.int;
        priority = nullable types.int;
        options = opt (types.nonEmptyListOf nonEmpty) [ "defaults" ];
        discardPolicy = nullable (
          types.enum [
            "once"
            "pages"
            "both"
          ]
        );
        randomEncryption = opt (types.either types.bool types.attrs) { };
      };
    };

  mounts = lib.attrValues config.fileSystems;
in
{
  options = {
    fileSystems = lib.mkOption {
      type = types.attrsOf (types.submodule fileSystem);
      default = { };
      apply = lib.filterAttrs (_: fs: fs.enable);
    };
    swapDevices = opt (types.listOf (types.submodule swap)) [ ];
    zramSwap = {
      enable = enable;
      memoryPercent = opt types.ints.positive 50;
      memoryMax = nullable types.int;
      priority = opt types.int 5;
      algorithm = opt (types.either (types.enum [
        "842"
        "lzo"
        "lzo-rle"
        "lz4"
        "lz4hc"
        "zstd"
      ]) types.str) "zstd";
      swapDevices = opt types.int 1;
      writebackDevice = nullable types.path;
    };
    services.fstrim = {
      enable = flag true;
      interval = opt types.str "weekly";
    };
    system.fsPackages = lib.stub.packages;
  };

  config = {
    boot.supportedFilesystems = map (fs: fs.fsType) mounts;
    assertions = [
      {
        assertion = config.fileSystems ? "/";
        message = "The ‘fileSystems’ option does not specify your root file system.";
      }
    ]
    ++ lib.concatMap (fs: [
      {
        assertion = fs.device != null;
        message = "No device specified for mount point ‘${fs.mountPoint}’.";
      }
      {
        assertion = fs.autoResize -> lib.elem fs.fsType resizable;
        message = ''
          Mountpoint '${fs.mountPoint}': 'autoResize = true' is not supported for 'fsType = "${fs.fsType}"'
          only the following support it: ${lib.concatStringsSep ", " resizable}.
        '';
      }
      {
        assertion = fs.label != null -> fs.device == "/dev/disk/by-label/${fs.label}";
        message = ''
          The filesystem with mount point ${fs.mountPoint} has its label and device set to inconsistent values:
            label: ${toString fs.label}
            device: ${toString fs.device}
          'filesystems.<name>.label' and 'filesystems.<name>.device' are mutually exclusive. Please set only one.
        '';
      }
    ]) mounts;
  };
}
