{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    packages
    req
    strs
    text
    ;
  cfg = config.home;

  releases = lib.concatMap (
    year:
    map (month: "${toString year}.${month}") [
      "05"
      "11"
    ]
  ) (lib.range 20 25);

  # Types of files below a directory of the home.
  files =
    base:
    types.attrsOf (
      types.submodule (
        { name, config, ... }:
        {
          options = {
            enable = flag true;
            target = lib.mkOption {
              type = types.str;
              apply =
                p:
                lib.removePrefix "${cfg.homeDirectory}/" (
                  if lib.hasPrefix "/" p then p else "${base}/${p}"
                );
            };
            text = nullable types.lines;
            source = req types.path;
            executable = nullable types.bool;
            recursive = enable;
            onChange = text;
            force = enable;
          };
          config = {
            target = lib.mkDefault name;
            source = lib.mkIf (config.text != null) (
              lib.mkDefault (pkgs.writeText "hm-file" config.text)
            );
          };
        }
      )
    );

  variable = types.oneOf [
    types.str
    types.path
    types.int
    types.float
    types.bool
  ];
  used =
    removeAttrs options [
      "_module"
      "assertions"
      "lib"
      "warnings"
    ]
    // {
      home = removeAttrs options.home [ "activationPackage" ];
    };
  targets = map (f: f.target) (lib.attrValues cfg.file);
in
{
  options = {
    assertions = opt (types.listOf types.unspecified) [ ];
    warnings = opt (types.listOf types.str) [ ];
    lib = attrsOf types.attrs;
    home = {
      username = req types.nonEmptyStr;
      homeDirectory = req types.path;
      stateVersion = req (
        types.enum (
          [
            "18.09"
            "19.03"
            "19.09"
            "20.03"
            "20.09"
          ]
          ++ lib.filter (r: r != "20.05" && r != "20.11") releases
          ++ [ "26.05" ]
        )
      );
      enableNixpkgsReleaseCheck = flag true;
      packages = packages;
      file = opt (files cfg.homeDirectory) { };
      sessionVariables = opt (types.lazyAttrsOf variable) { };
      sessionPath = strs;
      shellAliases = attrsOf types.str;
      language.base = nullable types.str;
      extraOutputsToInstall = strs;
      activation = opt (lib.hm.types.dagOf types.str) { };
      activationPackage = req types.package;
      preferXdgDirectories = enable;
    };
    xdg = {
      enable = enable;
      configHome = opt types.path "${cfg.homeDirectory}/.config";
      dataHome = opt types.path "${cfg.homeDirectory}/.local/share";
      cacheHome = opt types.path "${cfg.homeDirectory}/.cache";
      stateHome = opt types.path "${cfg.homeDirectory}/.local/state";
      configFile = opt (files config.xdg.configHome) { };
      dataFile = opt (files config.xdg.dataHome) { };
    };
    fonts.fontconfig.enable = enable;
    manual.manpages.enable = flag true;
    news.display = opt (types.enum [
      "silent"
      "notify"
      "show"
    ]) "notify";
    nix = {
      enable = flag true;
      package = nullable types.package;
      settings = attrsOf types.anything;
    };
    nixpkgs.config = nullable types.attrs;
    targets.genericLinux.enable = enable;
  };

  config = {
    # What xdg gives lands in the home too, under the same target.
    home.file = lib.mapAttrs' (
      name: f: lib.nameValuePair "${config.xdg.configHome}/${name}" (removeAttrs f [ "target" ])
    ) config.xdg.configFile;
    assertions = [
      {
        assertion = lib.allUnique targets;
        message = "Conflicting managed target files: two of home.file and xdg.configFile have one target.";
      }
    ];
    home.activationPackage =
      pkgs.runCommand "home-manager-generation"
        {
          configuration = builtins.toJSON (lib.stub.force used);
          passAsFile = [ "configuration" ];
        }
        ''cat "$configurationPath" > "$out"'';
  };
}
