# The trivial builders a small flake may call, over /bin/sh alone.
{
  lib,
  system,
  final,
}:
let
  build =
    name: env: script:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
        args = [
          "-c"
          "export PATH=/usr/bin:/bin; ${script}"
        ];
      }
      // env
    )
    // {
      meta.mainProgram = name;
      pname = name;
    };

  file =
    name: place: mode: text:
    build name
      {
        inherit text;
        passAsFile = [ "text" ];
      }
      ''
        file=$out${place}
        mkdir -p "''${file%/*}"
        cat "$textPath" > "$file"
        chmod ${mode} "$file"
      '';

  jsonLike =
    let
      inherit (lib.types)
        attrsOf
        bool
        float
        int
        listOf
        nullOr
        oneOf
        path
        str
        ;
      value =
        nullOr (oneOf [
          bool
          int
          float
          str
          path
          (attrsOf value)
          (listOf value)
        ])
        // {
          description = "JSON value";
        };
    in
    {
      type = value;
      generate = name: v: final.writeText name (builtins.toJSON v);
    };
  format = _: jsonLike;
in
{
  writeText = name: file name "" "-x";
  writeScript = name: file name "" "+x";
  writeShellScript = name: text: file name "" "+x" "#!${final.bash}/bin/bash\n${text}";
  writeShellScriptBin =
    name: text: file name "/bin/${name}" "+x" "#!${final.bash}/bin/bash\n${text}";
  writeShellApplication = { name, text, ... }: final.writeShellScriptBin name text;
  runCommand = build;
  runCommandLocal = build;
  symlinkJoin =
    {
      name,
      paths,
      ...
    }:
    build name { inherit paths; } "echo $paths > $out";
  buildEnv =
    {
      name,
      paths,
      ...
    }:
    build name { inherit paths; } "echo $paths > $out";
  mkShell = env: build "nix-shell" { paths = env.packages or [ ]; } "echo $paths > $out";

  formats = {
    ini = format;
    json = format;
    keyValue = format;
    toml = format;
    yaml = format;
  };
}
