#!/usr/bin/env bash
# The set-up scripts' own logic: the package list, the names of roots, the mirror, what errors say. Changes nothing on the machine.
set -uo pipefail
tests=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/deploy/expect.sh
. "$tests/expect.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TINTYPE_CACHE=$scratch/cache
unset TINTYPE_MIRROR
# shellcheck source=deploy/setup.sh
. "$tests/../../deploy/setup.sh"
set +e
repo=$checkout

# in_copy LIST COMMAND...: with another package list.
in_copy() {
  mkdir -p "$scratch/copy/deploy"
  printf '%b' "$1" >"$scratch/copy/deploy/packages.txt"
  checkout=$scratch/copy
  "${@:2}"
  checkout=$repo
}

list='# all\n[runtime] # x\nnats\n[run]\n# g++ old\nb a # c\nd\n[test]\ne\n'
expect 'a section' 'a b d' "$(in_copy "$list" packages_in run | paste -sd ' ')"
expect 'two sections' 'a b d nats' "$(in_copy "$list" packages_in runtime run | paste -sd ' ')"
root=$(in_copy "$list" root_dir)
expect 'a package for tests keeps the root' "$root" "$(in_copy "${list}f\n" root_dir)"
expect 'a package for building makes a new root' no \
  "$([[ $root == "$(in_copy "${list/nats/nats z}" root_dir)" ]] && printf yes || printf no)"
for each in runtime run test; do
  expect "the list has packages for $each" yes "$([[ -n $(packages_in $each) ]] && printf yes)"
done
expect 'no package is named twice' '' \
  "$( (packages_in runtime; packages_in run; packages_in test) | sort | uniq -d)"

# shellcheck disable=SC2317 # called by missing_packages
dpkg-query() { printf 'installed a\nconfig-files b\ninstalled nats\n'; }
expect 'removed packages are missing' 'b d' "$(in_copy "$list" missing_packages / run | paste -sd ' ')"
unset -f dpkg-query

apt-get() {
  cat <<LINES
http://mirror.example/debian/ bookworm main Packages
http://mirror.example/debian/ bookworm main Translations
http://mirror.example/debian/ bookworm-updates main Packages
http://mirror.example/debian/ bookworm-backports main Packages
http://mirror.example/debian/ bookworm contrib Packages
http://secure.example/debian-security/ bookworm-security main Packages
http://other.example/apt/ stable main Packages
LINES
}
host_id=debian host_codename=bookworm
expect "a Debian host's own mirror" \
  'deb http://mirror.example/debian/ trixie main;deb http://mirror.example/debian/ trixie-updates main;deb http://secure.example/debian-security/ trixie-security main' \
  "$(mirror_lines | paste -sd ';')"
expect 'TINTYPE_MIRROR' 'deb http://mine.example/debian trixie main' "$(TINTYPE_MIRROR=http://mine.example/debian mirror_lines)"
host_id=ubuntu host_codename=bookworm
expect "another host's mirror is no Debian mirror" '' "$(mirror_lines)"
unset -f apt-get

mkdir -p "$scratch/photos/deep"
: >"$scratch/photos/a.jpg"
named=$(cd "$scratch/photos" && named_dirs compress a.jpg "--out=$scratch/not/yet" deep --json)
expect 'folders of the arguments' "$(printf '%s\n' "$scratch" "$scratch/photos" "$scratch/photos/deep" "$repo" | sort -u)" \
  "$(grep -vx "$cache" <<<"$named" | sort -u)"

# failed_step LOG-LINE: what a step says whose program printed it.
# shellcheck disable=SC2016 # expanded by the inner shell
failed_step() { (step try 'doing it' sh -c 'printf "%s\n" "$1"; exit 9' sh "$1") 2>&1; }
said=$(failed_step 'the last words')
expect 'the status of a failed step' 9 "$( (step try it sh -c 'exit 9') >/dev/null 2>&1; printf '%d' $?)"
expect_text 'the end of the log' 'the last words' "$said"
expect_text 'where the log is' "the whole log is $cache/logs-$user_id/try-doing-it.log" "$said"
while IFS='|' read -r line cause; do
  expect_text "the cause of: $line" "[cause] $cause" "$(failed_step "$line")"
done <<'CAUSES'
E: You don't have enough free space in /var/cache/apt/archives/.|the disk is full
cp: error writing 'x': No space left on device|the disk is full
Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)|the package mirror cannot be reached
Temporary failure resolving 'mirror.example'|the package mirror cannot be reached
The following signatures couldn't be verified: NO_PUBKEY 6ED0E7B82643E131|this host's debian-archive-keyring is older
E: Could not get lock /var/lib/dpkg/lock-frontend.|another program is installing packages
E: Unable to locate package libavif-dev|the mirror does not have a package
c++: fatal error: Killed signal terminated program cc1plus|the compiler ran out of memory
CAUSES

usage() { "$repo/run" "$@" 2>&1 </dev/null; }
for each in '--frobnicate|there is no option --frobnicate' "$scratch/none.jpg|there is no $scratch/none.jpg" '--out|--out needs a folder' \
  "--out=$scratch/photos/a.jpg|is not a folder"; do
  expect_text "run ${each%|*}" "${each#*|}" "$(usage "${each%|*}")"
  expect "run ${each%|*}: status" 2 "$(usage "${each%|*}" >/dev/null; printf '%d' $?)"
done
expect_text 'run --help' 'Usage: ./run [--once] [--cluster] [--out DIR] [PATH...]' "$(usage --help)"
expect_text 'test --help' 'Usage: ./test' "$("$repo/test" --help)"
finish
