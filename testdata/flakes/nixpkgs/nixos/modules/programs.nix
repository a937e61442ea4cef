{ lib, pkgs, ... }:
let
  inherit (lib) types;
  inherit (lib.stub)
    attrsOf
    enable
    flag
    nullable
    opt
    packages
    strs
    subs
    text
    ;

  package = name: lib.mkPackageOption pkgs name { };
  aliases = attrsOf (types.nullOr (types.either types.str types.path));
  init = {
    interactiveShellInit = text;
    loginShellInit = text;
    promptInit = text;
    shellInit = text;
    shellAliases = aliases;
  };
  knownHost = {
    options = {
      certAuthority = enable;
      hostNames = strs;
      extraHostNames = strs;
      publicKey = nullable types.str;
      publicKeyFile = nullable types.path;
    };
  };
in
{
  options.programs = {
    bash = init // {
      enable = flag true;
      completion.enable = flag true;
      enableLsColors = flag true;
      undistractMe.enable = enable;
      blesh.enable = enable;
      vteIntegration = enable;
    };
    zsh = init // {
      enable = enable;
      enableCompletion = flag true;
      enableBashCompletion = enable;
      enableGlobalCompInit = flag true;
      enableLsColors = flag true;
      autosuggestions.enable = enable;
      syntaxHighlighting.enable = enable;
      vteIntegration = enable;
      histSize = opt types.int 2000;
      histFile = opt types.str "$HOME/.zsh_history";
      setOptions = strs;
      ohMyZsh = {
        enable = enable;
        plugins = strs;
        theme = opt types.str "";
      };
    };
    fish = init // {
      enable = enable;
      package = package "fish";
      shellAbbrs = attrsOf types.str;
      useBabelfish = enable;
      vendor = {
        completions.enable = flag true;
        config.enable = flag true;
        functions.enable = flag true;
      };
    };
    xonsh.enable = enable;
    nix-ld = {
      enable = enable;
      package = package "nix-ld";
      libraries = packages;
    };
    ssh = {
      startAgent = enable;
      agentTimeout = nullable types.str;
      enableAskPassword = enable;
      askPassword = opt types.str "";
      extraConfig = text;
      forwardX11 = nullable types.bool;
      setXAuthLocation = enable;
      hostKeyAlgorithms = strs;
      knownHosts = subs knownHost;
      knownHostsFiles = opt (types.listOf types.path) [ ];
      package = package "openssh";
      pubkeyAcceptedKeyTypes = strs;
    };
    git = {
      enable = enable;
      package = package "git";
      config = opt (types.either (types.attrsOf (types.attrsOf types.anything)) (
        types.listOf (types.attrsOf (types.attrsOf types.anything))
      )) { };
      prompt.enable = enable;
      lfs = {
        enable = enable;
        enablePureSSHTransfer = enable;
      };
    };
    direnv = {
      enable = enable;
      package = package "direnv";
      direnvrcExtra = text;
      silent = enable;
      loadInNixShell = flag true;
      enableBashIntegration = flag true;
      enableFishIntegration = flag true;
      enableXonshIntegration = flag true;
      enableZshIntegration = flag true;
      settings = attrsOf types.anything;
      nix-direnv = {
        enable = flag true;
        package = package "nix-direnv";
      };
    };
    tmux = {
      enable = enable;
      extraConfig = text;
      keyMode = opt (types.enum [
        "emacs"
        "vi"
      ]) "emacs";
    };
    neovim = {
      enable = enable;
      defaultEditor = enable;
      viAlias = enable;
      vimAlias = enable;
    };
    vim = {
      enable = enable;
      defaultEditor = enable;
    };
    gnupg.agent = {
      enable = enable;
      enableSSHSupport = enable;
      enableExtraSocket = enable;
    };
    command-not-found.enable = flag true;
    fuse.userAllowOther = enable;
    less.enable = enable;
    mosh.enable = enable;
    nano.enable = flag true;
    starship.enable = enable;
  };

  config.programs = {
    less.enable = true;
    ssh.setXAuthLocation = lib.mkDefault false;
  };
}
