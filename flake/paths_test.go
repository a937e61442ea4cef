package flake

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPaths(t *testing.T) {
	const src = `# ./comment.nix
{ lib, pkgs, ... }: /* ./block.nix
*/ {
  imports = [ ./a.nix ../b.nix modules/c.nix (import ./d { inherit lib; }) ]
    ++ lib.optional (builtins.pathExists ./e.nix) ./e.nix;
  x = "./string.nix ${./in.pem} ${"nested ${../n.txt} ./no"} \${./no} $${./no}";
  y = ''
    ./script.sh ''${./no} ${builtins.readFile ./f.sh} ''' ''\n ./no
  '';
  z = a // { b = 1 / 2; c = https://example.org/x; };
  w = ./. + "/g.nix";
  v = map (n: ./modules/${n}.nix) [ "a" ];
  u = /etc/hostname;
  t = <nixpkgs/nixos>;
}
`
	var got strings.Builder
	for _, p := range Paths(src) {
		fmt.Fprintf(&got, "%d %s %s\n", p.Line, p.Text, p.By)
	}
	const want = `4 ./a.nix 
4 ../b.nix 
4 modules/c.nix 
4 ./d import
5 ./e.nix pathExists
5 ./e.nix 
6 ./in.pem 
6 ../n.txt 
8 ./f.sh readFile
11 ././g.nix 
12 ./modules 
13 /etc/hostname 
`
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Error(d)
	}
}

// FuzzPaths: whatever the text, it ends, and each path is one of the text's lines.
func FuzzPaths(f *testing.F) {
	f.Add(`{ a = ./x; b = "${./y}"; }`)
	f.Add(`''${''' "${}}`)
	f.Fuzz(func(t *testing.T, src string) {
		for _, p := range Paths(src) {
			if p.Line < 1 || p.Line > strings.Count(src, "\n")+1 {
				t.Errorf("%q: line %d", src, p.Line)
			}
		}
	})
}
