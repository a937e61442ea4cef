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
    subs
    text
    ;

  ports = opt (types.listOf types.port) [ ];
  ranges = opt (types.listOf (types.attrsOf types.port)) [ ];
  openings = {
    allowedTCPPorts = ports;
    allowedTCPPortRanges = ranges;
    allowedUDPPorts = ports;
    allowedUDPPortRanges = ranges;
  };
in
{
  options.networking = {
    hostName = opt (types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$") "nixos";
    hostId = nullable types.str;
    domain = nullable types.str;
    search = strs;
    hosts = attrsOf (types.listOf types.str);
    extraHosts = text;
    nameservers = strs;
    timeServers = strs;
    enableIPv6 = flag true;
    useDHCP = flag true;
    useNetworkd = enable;
    usePredictableInterfaceNames = flag true;
    defaultGateway = nullable (types.either types.str types.attrs);
    networkmanager.enable = enable;
    nftables.enable = enable;
    interfaces = subs {
      options = {
        useDHCP = nullable types.bool;
        mtu = nullable types.int;
        ipv4.addresses = opt (types.listOf types.attrs) [ ];
      };
    };
    nat = {
      enable = enable;
      externalInterface = nullable types.str;
      internalInterfaces = strs;
    };
    firewall = {
      enable = flag true;
      allowPing = flag true;
      checkReversePath = opt (types.either types.bool (
        types.enum [
          "strict"
          "loose"
        ]
      )) true;
      trustedInterfaces = strs;
      extraCommands = text;
      extraStopCommands = text;
      logRefusedConnections = flag true;
      interfaces = subs { options = openings; };
    }
    // openings;
    proxy = {
      default = nullable types.str;
      httpProxy = nullable types.str;
      httpsProxy = nullable types.str;
      noProxy = nullable types.str;
    };
  };
}
