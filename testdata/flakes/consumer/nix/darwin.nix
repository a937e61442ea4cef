{ lib, ... }:
{
  launchd.user.agents.lima-default.serviceConfig = {
    Label = "io.lima.default";
    ProgramArguments = [
      "/bin/sh"
      "-c"
      "exec limactl start --foreground default"
    ];
    EnvironmentVariables.PATH = "/opt/homebrew/bin:/usr/bin:/bin";
    KeepAlive.SuccessfulExit = false;
    ProcessType = "Interactive";
    RunAtLoad = true;
    StandardOutPath = "/Users/me/Library/Logs/lima.log";
  };
  launchd.user.agents.repair = {
    script = "exec /bin/true";
    serviceConfig.StartInterval = 60;
  };
  system.primaryUser = lib.mkDefault "me";
  system.stateVersion = lib.mkDefault 6;
  users.users.me.home = lib.mkDefault "/Users/me";
}
