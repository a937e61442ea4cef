# launchd.plist keys with the types nix-darwin and home-manager give them.
lib:
let
  inherit (lib) mkOption types;
  inherit (lib.stub) nullable;

  sub = options: types.submodule { inherit options; };
  bool = nullable types.bool;
  int = nullable types.int;
  str = nullable types.str;
  strs = nullable (types.listOf types.str);
  path = nullable types.path;
  bools = nullable (types.attrsOf types.bool);
  within = lo: hi: nullable (types.ints.between lo hi);

  interval = sub {
    Minute = within 0 59;
    Hour = within 0 23;
    Day = within 1 31;
    Weekday = within 0 7;
    Month = within 1 12;
  };
  limits = nullable (sub {
    Core = int;
    CPU = int;
    Data = int;
    FileSize = int;
    MemoryLock = int;
    NumberOfFiles = int;
    NumberOfProcesses = int;
    ResidentSetSize = int;
    Stack = int;
  });
  socket = sub {
    SockFamily = str;
    SockNodeName = str;
    SockPassive = bool;
    SockPathGroup = int;
    SockPathMode = int;
    SockPathName = path;
    SockPathOwner = int;
    SockProtocol = str;
    SockServiceName = nullable (types.either types.str types.int);
    SockType = str;
    SecureSocketWithKey = str;
  };
in
{
  Label = mkOption { type = types.str; };
  Disabled = bool;
  UserName = str;
  GroupName = str;
  Program = path;
  ProgramArguments = strs;
  EnableGlobbing = bool;
  EnableTransactions = bool;
  OnDemand = bool;
  KeepAlive = nullable (
    types.either types.bool (sub {
      SuccessfulExit = bool;
      NetworkState = bool;
      PathState = bools;
      OtherJobEnabled = bools;
      Crashed = bool;
      AfterInitialDemand = bool;
    })
  );
  RunAtLoad = bool;
  RootDirectory = str;
  WorkingDirectory = str;
  EnvironmentVariables = nullable (types.attrsOf types.str);
  Umask = int;
  TimeOut = int;
  ExitTimeOut = int;
  ThrottleInterval = int;
  InitGroups = bool;
  WatchPaths = nullable (types.listOf types.path);
  QueueDirectories = strs;
  StartOnMount = bool;
  StartInterval = int;
  StartCalendarInterval = nullable (types.either interval (types.nonEmptyListOf interval));
  StandardInPath = path;
  StandardOutPath = path;
  StandardErrorPath = path;
  Debug = bool;
  WaitForDebugger = bool;
  SoftResourceLimits = limits;
  HardResourceLimits = limits;
  Nice = int;
  ProcessType = nullable (
    types.enum [
      "Background"
      "Standard"
      "Adaptive"
      "Interactive"
    ]
  );
  AbandonProcessGroup = bool;
  LowPriorityIO = bool;
  LowPriorityBackgroundIO = bool;
  LaunchOnlyOnce = bool;
  LimitLoadToHosts = strs;
  LimitLoadFromHosts = strs;
  LimitLoadToSessionType = nullable (types.either types.str (types.listOf types.str));
  MachServices = nullable (types.attrsOf (types.either types.bool types.attrs));
  LaunchEvents = nullable types.attrs;
  ServiceIPC = bool;
  SessionCreate = bool;
  Sockets = nullable (types.attrsOf (types.either socket (types.listOf socket)));
}
