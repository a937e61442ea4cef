# The submodules of systemd units. Section settings are free, as in nixpkgs,
# except where systemd's own list of values is short.
lib:
let
  inherit (lib) mkIf types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    opt
    req
    strs
    text
    ;

  # A repeatable setting is a list, and lists join; anything else must agree.
  setting = lib.mkOptionType {
    name = "systemd option";
    merge =
      loc: defs:
      if lib.all (def: lib.isList def.value) defs then
        lib.concatMap (def: def.value) defs
      else
        lib.mergeEqualOption loc defs;
  };
  section = attrsOf setting;
  unitName = types.strMatching "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)";
  names = opt (types.listOf unitName) [ ];

  unwrap = v: v.content or v;
  refuse =
    conf: field: allowed:
    let
      v = unwrap (conf.${field} or null);
    in
    if builtins.isString v && !(lib.elem v allowed) then
      throw "Systemd Service field `${field}' cannot have value `${v}'."
    else
      true;

  serviceSettings = types.addCheck (types.attrsOf setting) (
    conf:
    refuse conf "Type" [
      "exec"
      "simple"
      "forking"
      "oneshot"
      "dbus"
      "notify"
      "notify-reload"
      "idle"
    ]
    && refuse conf "Restart" [
      "no"
      "on-success"
      "on-failure"
      "on-abnormal"
      "on-abort"
      "always"
    ]
  );

  common = {
    options = {
      enable = flag true;
      overrideStrategy = opt (types.enum [
        "asDropinIfExists"
        "asDropin"
      ]) "asDropinIfExists";
      description = opt types.singleLineStr "";
      documentation = strs;
      aliases = names;
      wantedBy = names;
      requiredBy = names;
      upheldBy = names;
      requires = names;
      wants = names;
      upholds = names;
      after = names;
      before = names;
      bindsTo = names;
      partOf = names;
      conflicts = names;
      requisite = names;
      onFailure = names;
      onSuccess = names;
      unitConfig = section;
      startLimitBurst = lib.stub.nullable types.int;
      startLimitIntervalSec = lib.stub.nullable types.int;
      restartTriggers = opt (types.listOf types.unspecified) [ ];
      reloadTriggers = opt (types.listOf types.unspecified) [ ];
    };
  };

  using = options: {
    imports = [ common ];
    inherit options;
  };
in
rec {
  value = types.nullOr (
    types.oneOf [
      types.str
      types.path
      types.package
    ]
  );
  unit = common;
  timer = using { timerConfig = section; };
  slice = using { sliceConfig = section; };
  path = using { pathConfig = section; };
  socket = using {
    listenStreams = strs;
    listenDatagrams = strs;
    socketConfig = section;
  };
  mount = using {
    what = req types.str;
    where = req types.str;
    type = opt types.str "";
    options = opt types.commas "";
    mountConfig = section;
  };
  automount = using {
    where = req types.str;
    automountConfig = section;
  };
  service =
    { config, ... }:
    {
      imports = [ common ];
      options = {
        environment = attrsOf value;
        path = opt (types.listOf (types.either types.package types.str)) [ ];
        serviceConfig = opt serviceSettings { };
        enableDefaultPath = flag true;
        enableStrictShellChecks = enable;
        script = text;
        scriptArgs = opt types.str "";
        preStart = text;
        postStart = text;
        reload = text;
        preStop = text;
        postStop = text;
        restartIfChanged = flag true;
        reloadIfChanged = enable;
        stopIfChanged = flag true;
        startAt = lib.mkOption {
          type = types.either types.str (types.listOf types.str);
          default = [ ];
          apply = lib.toList;
        };
      };
      # As nixpkgs does: script beside an ExecStart is a conflict.
      config.serviceConfig = {
        ExecStart = mkIf (config.script != "") "script:${builtins.hashString "sha256" config.script}";
        ExecStartPre = mkIf (config.preStart != "") [ "script:preStart" ];
        ExecStartPost = mkIf (config.postStart != "") [ "script:postStart" ];
        ExecReload = mkIf (config.reload != "") "script:reload";
        ExecStop = mkIf (config.preStop != "") "script:preStop";
        ExecStopPost = mkIf (config.postStop != "") "script:postStop";
      };
    };
}
