{ lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    strs
    text
    ;

  param = types.strMatching ''([^"[:space:]]|"[^"]*")+'' // {
    description = "string, with spaces inside double quotes";
  };
  sysctl =
    types.nullOr (
      types.oneOf [
        types.bool
        types.str
        types.int
      ]
    )
    // {
      description = "sysctl option value";
    };
  truths = types.coercedTo (types.listOf types.str) (names: lib.genAttrs names (_: true)) (
    types.attrsOf types.bool
  );
in
{
  options = {
    boot = {
      isContainer = enable;
      growPartition = enable;
      kernelPackages = opt types.raw null;
      kernelParams = opt (types.listOf param) [ ];
      kernelModules = opt truths { };
      extraModulePackages = opt (types.listOf types.package) [ ];
      extraModprobeConfig = text;
      blacklistedKernelModules = opt truths { };
      consoleLogLevel = opt types.int 4;
      kernel.sysctl = opt (types.submodule { freeformType = types.attrsOf sysctl; }) { };
      supportedFilesystems = opt truths { };
      binfmt.emulatedSystems = strs;
      initrd = {
        enable = flag true;
        availableKernelModules = opt truths { };
        kernelModules = opt truths { };
        supportedFilesystems = opt truths { };
        systemd.enable = flag true;
        verbose = flag true;
      };
      tmp = {
        cleanOnBoot = enable;
        useTmpfs = enable;
        tmpfsSize = opt (types.oneOf [
          types.str
          types.ints.positive
        ]) "50%";
      };
      runSize = opt types.str "25%";
      devShmSize = opt types.str "50%";
    };
    hardware = {
      enableAllFirmware = enable;
      enableAllHardware = enable;
      enableRedistributableFirmware = enable;
      graphics = {
        enable = enable;
        enable32Bit = enable;
        extraPackages = opt (types.listOf types.package) [ ];
      };
      firmware = opt (types.listOf types.package) [ ];
      bluetooth.enable = enable;
      cpu.amd.updateMicrocode = enable;
      cpu.intel.updateMicrocode = enable;
    };
    powerManagement.enable = flag true;
    security.lsm = strs;
    systemd.enableEmergencyMode = flag true;
    boot.loader.timeout = opt (types.nullOr types.int) 5;
    boot.kernelPatches = opt (types.listOf types.raw) [ ];
    boot.initrd.luks.devices = attrsOf types.anything;
    boot.resumeDevice = opt types.str "";
    boot.zfs.forceImportRoot = flag true;
  };
}
