{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    packages
    strs
    text
    ;
  cfg = config.programs;

  package = name: lib.mkPackageOption pkgs name { nullable = true; };
  scalar = types.oneOf [
    types.str
    types.bool
    types.int
  ];
  gitValue = types.either scalar (types.listOf scalar);
  gitSubsection = types.attrsOf (types.either gitValue (types.attrsOf gitValue));
  gitSection = types.attrsOf (types.either gitValue gitSubsection);

  shell = {
    enable = enable;
    package = package "bash";
    shellAliases = attrsOf types.str;
    sessionVariables = attrsOf (types.either scalar types.float);
  };
in
{
  options.programs = {
    home-manager.enable = enable;
    bash = shell // {
      enableCompletion = flag true;
      bashrcExtra = text;
      initExtra = text;
      profileExtra = text;
      historySize = nullable types.int;
    };
    zsh = removeAttrs shell [ "package" ] // {
      enableCompletion = flag true;
      autosuggestion.enable = enable;
      syntaxHighlighting.enable = enable;
      dotDir = nullable types.str;
      envExtra = text;
      initContent = text;
      loginExtra = text;
      profileExtra = text;
      history.size = opt types.int 10000;
      oh-my-zsh = {
        enable = enable;
        plugins = strs;
        theme = opt types.str "";
      };
      # Kept with a warning, as in the last releases.
      initExtra = text;
    };
    fish = removeAttrs shell [ "sessionVariables" ] // {
      interactiveShellInit = text;
      loginShellInit = text;
      shellInit = text;
      functions = attrsOf types.anything;
      shellAbbrs = attrsOf types.anything;
      plugins = opt (types.listOf types.anything) [ ];
    };
    git = {
      enable = enable;
      package = package "git";
      settings = opt gitSection { };
      ignores = strs;
      attributes = strs;
      lfs.enable = enable;
      includes = opt (types.listOf types.anything) [ ];
      signing.format = nullable types.str;
      signing.key = nullable types.str;
      signing.signByDefault = nullable types.bool;
      userName = nullable types.str;
      userEmail = nullable types.str;
    };
    ssh = {
      enable = enable;
      package = package "openssh";
      enableDefaultConfig = flag true;
      includes = strs;
      extraConfig = text;
      extraOptionOverrides = attrsOf types.str;
      settings = opt (lib.hm.types.dagOf (types.attrsOf types.anything)) { };
      matchBlocks = opt (lib.hm.types.dagOf (types.attrsOf types.anything)) { };
    };
    wezterm = {
      enable = enable;
      package = package "wezterm";
      settings = attrsOf types.anything;
      extraConfig = text;
      colorSchemes = attrsOf types.anything;
      enableBashIntegration = flag true;
      enableZshIntegration = flag true;
    };
    direnv = {
      enable = enable;
      package = package "direnv";
      config = attrsOf types.anything;
      silent = enable;
      stdlib = text;
      enableBashIntegration = flag true;
      enableZshIntegration = flag true;
      nix-direnv.enable = enable;
    };
    neovim = {
      enable = enable;
      defaultEditor = enable;
      extraPackages = packages;
      viAlias = enable;
      vimAlias = enable;
    };
    tmux = {
      enable = enable;
      extraConfig = text;
    };
    starship = {
      enable = enable;
      settings = attrsOf types.anything;
    };
    fzf.enable = enable;
    jq.enable = enable;
    ripgrep.enable = enable;
    vim.enable = enable;
    zoxide.enable = enable;
  };

  config = lib.mkMerge [
    (mkIf cfg.ssh.enable {
      home.file.".ssh/config".text = lib.concatMapStrings (i: "Include ${i}\n") cfg.ssh.includes;
      warnings =
        lib.optional cfg.ssh.enableDefaultConfig "`programs.ssh` default values will be removed in the future."
        ++ lib.optional (
          cfg.ssh.matchBlocks != { }
        ) "`programs.ssh.matchBlocks` is deprecated, use `programs.ssh.settings`.";
    })
    (mkIf cfg.wezterm.enable {
      xdg.configFile."wezterm/wezterm.lua".text = cfg.wezterm.extraConfig;
    })
    {
      warnings =
        let
          renamed = from: to: "The option `programs.${from}' has been renamed to `programs.${to}'.";
        in
        lib.optional (cfg.git.userName != null) (renamed "git.userName" "git.settings.user.name")
        ++ lib.optional (cfg.git.userEmail != null) (renamed "git.userEmail" "git.settings.user.email")
        ++ lib.optional (cfg.zsh.initExtra != "") (renamed "zsh.initExtra" "zsh.initContent");
    }
  ];
}
