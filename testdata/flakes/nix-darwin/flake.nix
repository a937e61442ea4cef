# Stand-in for nix-darwin: strict launchd jobs and the few options around them.
{
  description = "vmloom's stub of nix-darwin";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-26.05-darwin";

  outputs =
    { self, nixpkgs }:
    {
      lib.darwinSystem =
        {
          modules,
          specialArgs ? { },
          system ? null,
          inputs ? { },
        }:
        let
          inherit (nixpkgs) lib;
          eval = lib.evalModules {
            class = "darwin";
            inherit specialArgs;
            modules = modules ++ [
              ./modules/launchd.nix
              ./modules/options.nix
              ./modules/system.nix
              {
                _module.args = { inherit nixpkgs; };
                nixpkgs.system = lib.mkIf (system != null) (lib.mkDefault system);
              }
            ];
          };
        in
        eval
        // {
          inherit (eval._module.args) pkgs;
          system = eval.config.system.build.toplevel;
        };
    };
}
