{ lib, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    enable
    flag
    opt
    strs
    subs
    text
    ;

  command = types.either types.str (
    types.submodule {
      options = {
        command = lib.stub.req types.str;
        options = opt (types.listOf (
          types.enum [
            "NOPASSWD"
            "PASSWD"
            "NOEXEC"
            "EXEC"
            "SETENV"
            "NOSETENV"
            "LOG_INPUT"
            "NOLOG_INPUT"
            "LOG_OUTPUT"
            "NOLOG_OUTPUT"
            "MAIL"
            "NOMAIL"
            "FOLLOW"
            "NOFLLOW"
            "INTERCEPT"
            "NOINTERCEPT"
          ]
        )) [ ];
      };
    }
  );
in
{
  options.security = {
    sudo = {
      enable = flag true;
      wheelNeedsPassword = flag true;
      execWheelOnly = enable;
      keepTerminfo = flag true;
      extraConfig = text;
      extraRules = opt (types.listOf (
        types.submodule {
          options = {
            users = opt (types.listOf (types.either types.str types.int)) [ ];
            groups = opt (types.listOf (types.either types.str types.int)) [ ];
            host = opt types.str "ALL";
            runAs = opt types.str "ALL:ALL";
            commands = lib.stub.req (types.listOf command);
          };
        }
      )) [ ];
    };
    sudo-rs.enable = enable;
    polkit.enable = enable;
    rtkit.enable = enable;
    pki = {
      certificates = strs;
      certificateFiles = opt (types.listOf types.path) [ ];
    };
    pam = {
      sshAgentAuth.enable = enable;
      services = subs { freeformType = types.attrsOf types.raw; };
      loginLimits = opt (types.listOf types.attrs) [ ];
    };
  };
}
