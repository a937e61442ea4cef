# vmloom as a package of nixpkgs: (import <nixpkgs> { }).callPackage ./package.nix { }
{
  lib,
  buildGoModule,
  installShellFiles,
  version ? "unknown",
}:
buildGoModule {
  pname = "vmloom";
  inherit version;
  src = lib.cleanSource ./.;
  # Held to go.mod by a test, which tells the new one.
  vendorHash = "sha256-T8poOyar9+nYnN2TdONJ6TKd7v5n97kuypRt95vDouE=";
  subPackages = [ "cmd/vmloom" ];
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-X main.release=${version}"
  ];
  # The tests want a checkout with all of its tools; CI runs them.
  doCheck = false;
  nativeBuildInputs = [ installShellFiles ];
  postInstall = ''
    $out/bin/vmloom man >vmloom.1
    installManPage vmloom.1
    for shell in bash fish zsh; do
      $out/bin/vmloom completion $shell >vmloom.$shell
    done
    installShellCompletion vmloom.{bash,fish,zsh}
  '';
  meta = {
    description = "One profile of a development VM becomes every file that it needs";
    license = lib.licenses.mit;
    mainProgram = "vmloom";
  };
}
