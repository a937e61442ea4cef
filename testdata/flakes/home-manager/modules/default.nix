pkgs: [
  ./home.nix
  ./launchd.nix
  ./programs.nix
  ./systemd.nix
  { _module.args.pkgs = pkgs.lib.mkOptionDefault pkgs; }
]
