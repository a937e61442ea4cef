# What real nixpkgs keeps in asserts, debug, fixedPoints, meta and systems.
lib:
{
  inherit (builtins)
    addErrorContext
    fromTOML
    isPath
    trace
    typeOf
    ;

  fix =
    f:
    let
      x = f x;
    in
    x;
  extends =
    overlay: base: final:
    let
      prev = base final;
    in
    prev // overlay final prev;
  composeExtensions =
    f: g: final: prev:
    let
      first = f final prev;
    in
    first // g final (prev // first);
  composeManyExtensions = lib.foldr lib.composeExtensions (_: _: { });
  fileContents = file: lib.removeSuffix "\n" (builtins.readFile file);
  assertMsg = cond: msg: cond || throw msg;
  traceVal = v: builtins.trace v v;

  getExe = pkg: lib.getExe' pkg (pkg.meta.mainProgram or (lib.getName pkg));
  getExe' = pkg: name: "${pkg}/bin/${name}";
  getBin = pkg: pkg.bin or pkg;
  availableOn =
    platform: pkg: !(pkg ? meta.platforms) || lib.elem platform.system pkg.meta.platforms;

  systems.elaborate =
    platform:
    let
      system = platform.system or platform;
      cpu = lib.head (lib.splitString "-" system);
      os = lib.last (lib.splitString "-" system);
    in
    {
      inherit system;
      config = system;
      isAarch64 = cpu == "aarch64";
      isx86_64 = cpu == "x86_64";
      isDarwin = os == "darwin";
      isLinux = os == "linux";
      linuxArch = if cpu == "aarch64" then "arm64" else cpu;
      uname.processor = cpu;
    };

  generators = {
    toJSON = _: builtins.toJSON;
    toKeyValue = _: set: lib.concatLines (lib.mapAttrsToList (n: v: "${n}=${toString v}") set);
  };

  # NixOS asks for both before it hands out a system.
  checkAssertWarn =
    assertions: warnings: v:
    let
      failed = map (a: a.message) (lib.filter (a: !a.assertion) assertions);
      list = lib.concatMapStringsSep "\n" (msg: "- ${msg}") failed;
    in
    if failed == [ ] then
      lib.foldr lib.warn v warnings
    else
      throw "\nFailed assertions:\n${list}";
}
