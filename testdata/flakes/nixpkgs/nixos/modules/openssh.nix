{ config, lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    enable
    flag
    nullable
    opt
    req
    strs
    text
    ;

  cfg = config.services.openssh;
  names = nullable (types.listOf types.str);
  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
    ]
  );

  settings = {
    freeformType = types.attrsOf atom;
    options = {
      AllowGroups = names;
      AllowUsers = names;
      DenyGroups = names;
      DenyUsers = names;
      AuthorizedPrincipalsFile = opt (types.nullOr types.str) "none";
      Ciphers = names;
      GatewayPorts = opt (types.nullOr types.str) "no";
      KbdInteractiveAuthentication = opt (types.nullOr types.bool) true;
      KexAlgorithms = names;
      LogLevel = opt (types.nullOr (
        types.enum [
          "QUIET"
          "FATAL"
          "ERROR"
          "INFO"
          "VERBOSE"
          "DEBUG"
          "DEBUG1"
          "DEBUG2"
          "DEBUG3"
        ]
      )) "INFO";
      Macs = names;
      PasswordAuthentication = opt (types.nullOr types.bool) true;
      PermitRootLogin = opt (types.nullOr (
        types.enum [
          "yes"
          "without-password"
          "prohibit-password"
          "forced-commands-only"
          "no"
        ]
      )) "prohibit-password";
      PrintMotd = opt (types.nullOr types.bool) false;
      StrictModes = opt (types.nullOr types.bool) true;
      UseDns = opt (types.nullOr types.bool) false;
      UsePAM = opt (types.nullOr types.bool) true;
      X11Forwarding = opt (types.nullOr types.bool) false;
    };
  };
in
{
  options.services.openssh = {
    enable = enable;
    startWhenNeeded = enable;
    allowSFTP = flag true;
    sftpFlags = strs;
    ports = opt (types.listOf types.port) [ 22 ];
    openFirewall = flag true;
    banner = nullable types.lines;
    authorizedKeysFiles = strs;
    authorizedKeysInHomedir = flag true;
    authorizedKeysCommand = opt types.str "none";
    generateHostKeys = flag true;
    hostKeys = opt (types.listOf types.attrs) [
      {
        type = "ed25519";
        path = "/etc/ssh/ssh_host_ed25519_key";
      }
    ];
    listenAddresses = opt (types.listOf (
      types.submodule {
        options = {
          addr = req (types.nullOr types.str);
          port = nullable types.int;
        };
      }
    )) [ ];
    extraConfig = text;
    settings = lib.mkOption {
      type = types.submodule settings;
      default = { };
    };
  };

  config = lib.mkIf cfg.enable {
    users.users.sshd = {
      isSystemUser = true;
      group = "sshd";
    };
    users.groups.sshd = { };
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall cfg.ports;
    systemd.services.sshd = {
      description = "SSH Daemon";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
    };
  };
}
