# Tiny derivations under nixpkgs' names. An unknown name is an error, as there.
{
  system,
  config ? { },
  overlays ? [ ],
}:
let
  lib = import ../lib;
  inherit (lib) splitString;

  shells = [
    "bash"
    "bashInteractive"
    "fish"
    "xonsh"
    "zsh"
  ];
  # Programs that are not called as their package is.
  programs = {
    _1password-cli = "op";
    docker-client = "docker";
    fd = "fd";
    gnumake = "make";
    gnupg = "gpg";
    nodejs = "node";
    openssh = "ssh";
    ripgrep = "rg";
    bashInteractive = "bash";
  };
  unfree = [
    "_1password-cli"
    "terraform"
  ];

  # Programs of Linux' own; nixpkgs refuses to evaluate them elsewhere.
  linuxOnly = [
    "iproute2"
    "kmod"
    "ltrace"
    "perf"
    "strace"
    "systemd"
    "util-linux"
  ];
  # null on a Mac, and broken there though its platforms name it.
  nullOnMac = [ "glibcLocales" ];
  brokenOnMac = [
    "netcat-openbsd"
    "valgrind"
  ];
  mac = !(lib.elem system linux);
  linux = [
    "aarch64-linux"
    "x86_64-linux"
  ];

  allowed = drv: config.allowUnfree or false || (config.allowUnfreePredicate or (_: false)) drv;

  tiny =
    attr:
    let
      pname = lib.removePrefix "_" (lib.last (splitString "." attr));
      isUnfree = lib.elem attr unfree;
      main = programs.${attr} or pname;
      drv = derivation {
        name = "${pname}-0.stub";
        inherit system;
        builder = "/bin/sh";
        args = [
          "-c"
          "echo ${pname} > $out"
        ];
      };
      guard =
        if isUnfree && !allowed { inherit pname; } then
          throw "Package ‘${pname}-0.stub’ in pkgs/default.nix:1 has an unfree license (‘unfree’), refusing to evaluate."
        else if mac && lib.elem attr brokenOnMac then
          throw "Package ‘${pname}-0.stub’ in pkgs/default.nix:1 is marked as broken, refusing to evaluate."
        else if mac && lib.elem attr linuxOnly then
          throw "Package ‘${pname}-0.stub’ in pkgs/default.nix:1 is not available on the requested hostPlatform:"
        else
          lib.id;
    in
    drv
    // {
      inherit pname;
      # Modules ask whether it is new enough.
      version = if pname == "nix" then "2.34.8" else "0.stub";
      drvPath = guard drv.drvPath;
      outPath = guard drv.outPath;
      meta = {
        mainProgram = main;
        unfree = isUnfree;
        broken = mac && lib.elem attr brokenOnMac;
      }
      // lib.optionalAttrs (lib.elem attr linuxOnly) { platforms = linux; };
      override = _: tiny attr;
      # Outputs other than the first, of the packages that have any.
      ${if attr == "cloud-utils" then "guest" else null} = drv // {
        inherit pname;
        meta.mainProgram = main;
      };
      overrideAttrs = _: tiny attr;
    }
    // lib.optionalAttrs (lib.elem attr shells) { shellPath = "/bin/${main}"; };

  # "a.b" of the list is the package b in the set a.
  listed = lib.foldl' (
    acc: name: lib.recursiveUpdate acc (lib.setAttrByPath (splitString "." name) (tiny name))
  ) { };
  flat = lib.filter (name: !(lib.hasInfix "." name)) names;
  nested = lib.filter (lib.hasInfix ".") names;
  names = import ./names.nix;

  base =
    final:
    lib.recursiveUpdate (lib.genAttrs flat (
      name: if mac && lib.elem name nullOnMac then null else tiny name
    )) (listed nested)
    // import ./builders.nix { inherit lib system final; }
    // {
      inherit config lib system;
      _type = "pkgs";
      pkgs = final;
      stdenv = {
        inherit system;
        hostPlatform = lib.systems.elaborate system;
        inherit (lib.systems.elaborate system) isDarwin isLinux isAarch64;
      };
      extend = overlay: import ./. {
        inherit system config;
        overlays = overlays ++ [ overlay ];
      };
    };
in
lib.fix (lib.foldl' (lib.flip lib.extends) base overlays)
