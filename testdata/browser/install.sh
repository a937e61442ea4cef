#!/bin/sh
# install.sh FROM DIRECTORY: the packages that FROM/package-lock.json pins, in DIRECTORY/node_modules, once for whoever asks.
# No script of a package runs.
set -eu
from=$1 dir=$2
mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9
[ ! -e "$dir/.complete" ] || exit 0
cp "$from/package.json" "$from/package-lock.json" "$dir/"
npm ci --ignore-scripts --no-audit --no-fund --prefix "$dir" 9>&-
touch "$dir/.complete"
