# Names of the past, so that a template using one warns or fails as it would.
{ lib, ... }:
let
  inherit (lib) mkAliasOptionModule mkRemovedOptionModule mkRenamedOptionModule;
  sshd = [
    "services"
    "openssh"
  ];
  setting =
    old: new:
    mkRenamedOptionModule (sshd ++ [ old ]) (
      sshd
      ++ [
        "settings"
        new
      ]
    );
  nix =
    old: new:
    mkRenamedOptionModule
      [
        "nix"
        old
      ]
      [
        "nix"
        "settings"
        new
      ];
in
{
  imports = [
    (setting "challengeResponseAuthentication" "KbdInteractiveAuthentication")
    (setting "forwardX11" "X11Forwarding")
    (setting "kbdInteractiveAuthentication" "KbdInteractiveAuthentication")
    (setting "passwordAuthentication" "PasswordAuthentication")
    (setting "permitRootLogin" "PermitRootLogin")
    (setting "useDns" "UseDns")
    (nix "autoOptimiseStore" "auto-optimise-store")
    (nix "binaryCaches" "substituters")
    (nix "binaryCachePublicKeys" "trusted-public-keys")
    (nix "buildCores" "cores")
    (nix "maxJobs" "max-jobs")
    (nix "trustedUsers" "trusted-users")
    (nix "useSandbox" "sandbox")
    (mkAliasOptionModule
      [
        "services"
        "sshd"
        "enable"
      ]
      [
        "services"
        "openssh"
        "enable"
      ]
    )
    (mkRenamedOptionModule
      [
        "boot"
        "cleanTmpDir"
      ]
      [
        "boot"
        "tmp"
        "cleanOnBoot"
      ]
    )
    (mkRenamedOptionModule
      [
        "hardware"
        "opengl"
        "enable"
      ]
      [
        "hardware"
        "graphics"
        "enable"
      ]
    )
    (mkRemovedOptionModule [
      "sound"
      "enable"
    ] "The option was heavily overloaded and can be removed from most configurations.")
  ];
}
