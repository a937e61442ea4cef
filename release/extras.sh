#!/bin/sh
# What a release has beside the program: the manual page and the completions, printed by the program itself.
set -eu
out=$1
cd "$(dirname "$0")/.."
mkdir -p "$out"
go build -o "$out/.vmloom" ./cmd/vmloom
"$out/.vmloom" man >"$out/vmloom.1"
"$out/.vmloom" completion bash >"$out/vmloom.bash"
"$out/.vmloom" completion fish >"$out/vmloom.fish"
"$out/.vmloom" completion zsh >"$out/_vmloom"
rm "$out/.vmloom"
