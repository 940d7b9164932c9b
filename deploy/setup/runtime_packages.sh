#!/usr/bin/env bash
# runtime_packages.sh PROGRAM...: what a system without compilers needs to run them, one package a line: the section [runtime],
# and the packages that own the libraries that they are linked with.
set -euo pipefail
# shellcheck source=deploy/setup.sh
. "$(dirname "$(readlink -f "$0")")/../setup.sh"

libraries=$(ldd "$@")
missing=$(sed -n 's/^\s*\(\S*\) => not found.*/\1/p' <<<"$libraries")
[[ -z $missing ]] || die "$* is linked with libraries that are not here: $missing"
{
  packages_in runtime
  sed -n 's/.*=> \(\/\S*\) .*/\1/p' <<<"$libraries" | xargs readlink -f | xargs dpkg -S | cut -d: -f1
} | sort -u
