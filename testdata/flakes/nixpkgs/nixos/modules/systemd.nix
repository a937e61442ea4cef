{ config, lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    enable
    flag
    opt
    strs
    subs
    ;
  units = import ./systemd-units.nix lib;

  # Both managers know the same kinds of units.
  kinds = {
    services = subs units.service;
    timers = subs units.timer;
    sockets = subs units.socket;
    paths = subs units.path;
    targets = subs units.unit;
    slices = subs units.slice;
  };

  rule =
    { name, ... }:
    {
      options = {
        type = opt types.str name;
        mode = opt types.str "-";
        user = opt types.str "-";
        group = opt types.str "-";
        age = opt types.str "-";
        argument = opt types.str "";
      };
    };

  check =
    name: service:
    let
      conf = service.serviceConfig;
    in
    [
      {
        assertion =
          !(conf.Type or "" == "oneshot"
            && lib.elem (conf.Restart or "no") [
              "always"
              "on-success"
            ]);
        message = "Service '${name}.service' with 'Type=oneshot' cannot have 'Restart=always' or 'Restart=on-success'";
      }
    ];
  warn =
    name: service:
    lib.optional
      (
        lib.elem "network-online.target" service.after
        && !(lib.elem "network-online.target" (service.wants ++ service.requires ++ service.bindsTo))
      )
      "${name}.service is ordered after 'network-online.target' but doesn't depend on it";
  timersOf =
    services:
    lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) (lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) services);
  overAll = f: lib.flatten (lib.mapAttrsToList f config.systemd.services);
in
{
  options.systemd = kinds // {
    mounts = opt (types.listOf (types.submodule units.mount)) [ ];
    automounts = opt (types.listOf (types.submodule units.automount)) [ ];
    globalEnvironment = lib.stub.attrsOf units.value;
    settings.Manager = lib.stub.attrsOf types.anything;
    defaultUnit = opt types.str "multi-user.target";
    packages = lib.stub.packages;
    tmpfiles = {
      rules = strs;
      packages = lib.stub.packages;
      settings = opt (types.attrsOf (types.attrsOf (types.attrsOf (types.submodule rule)))) { };
    };
    user = kinds // {
      tmpfiles = {
        rules = strs;
        users = subs { options.rules = strs; };
      };
    };
    oomd.enable = flag true;
    coredump.enable = flag true;
    network.enable = enable;
  };

  config = {
    systemd.timers = timersOf config.systemd.services;
    systemd.user.timers = timersOf config.systemd.user.services;
    assertions = overAll check;
    warnings = overAll warn;
  };
}
