{ lib, pkgs, ... }:
let
  inherit (lib) types;
  inherit (lib.stub) attrsOf opt subs;

  primitive = types.oneOf [
    types.bool
    types.int
    types.str
    types.path
  ];
  value = types.either primitive (types.listOf primitive);
  strings = types.coercedTo types.str lib.toList (types.listOf types.str);
  program = types.either types.package types.str;

  unit = options: {
    freeformType = types.attrsOf (types.attrsOf value);
    options = {
      Unit = opt (types.submodule {
        freeformType = types.attrsOf value;
        options.Description = lib.stub.nullable types.str;
        options.Documentation = opt strings [ ];
      }) { };
    }
    // options;
  };
  service = unit {
    Service = opt (types.submodule {
      freeformType = types.attrsOf value;
      options.Environment = opt strings [ ];
      options.ExecStart = lib.mkOption {
        type = types.either program (types.listOf program);
        default = [ ];
        apply = lib.toList;
      };
    }) { };
  };
in
{
  options.systemd.user = {
    enable = lib.stub.flag pkgs.stdenv.hostPlatform.isLinux;
    services = subs service;
    timers = subs (unit { });
    sockets = subs (unit { });
    targets = subs (unit { });
    paths = subs (unit { });
    mounts = subs (unit { });
    sessionVariables = attrsOf (types.either types.int types.str);
    tmpfiles.rules = lib.stub.strs;
    startServices = opt (types.either types.bool (
      types.enum [
        "suggest"
        "sd-switch"
      ]
    )) true;
  };
}
