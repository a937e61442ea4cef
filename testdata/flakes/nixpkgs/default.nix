# What `import nixpkgs { system = ...; }` gives.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:
import ./pkgs { inherit system config overlays; }
