#!/usr/bin/env bash
# Proves that the two commands are enough: in a fresh minimal Debian with nothing installed and a clean clone, ./run --once on
# photos and, with --test, ./test, and how long each took. Needs root, mmdebstrap and git; everything it made is deleted.
# Usage: deploy/prove/fresh-machine.sh [--suite trixie|bookworm] [--worktree] [--compile-cache DIR] [--test] [PHOTOS]
#   --suite     trixie (default) goes the direct way; bookworm must make and enter a Debian 13 root
#   --worktree  the checkout with what is not committed yet, instead of a clone
#   --compile-cache DIR  ccache's folder of an earlier build, copied in: what did not change is not compiled again, so the
#               minutes are those of everything else
#   --test      then ./test as well
#   PHOTOS      a folder of photos; without one, ./run takes its samples
set -euo pipefail
# shellcheck source=deploy/setup.sh
. "$(dirname "$(readlink -f "$0")")/../setup.sh"
# shellcheck source=deploy/prove/isolated.sh
. "$checkout/deploy/prove/isolated.sh"

fresh_suite=trixie version=head with_test='' compile_cache='' photos=''
while (($# > 0)); do
  case $1 in
    --suite) fresh_suite=${2:?} && shift ;;
    --worktree) version=worktree ;;
    --compile-cache) compile_cache=$(readlink -f -- "${2:?}") && shift ;;
    --test) with_test=yes ;;
    -*)
      sed -n '2,10s/^# \{0,1\}//p' "$0"
      exit 2
      ;;
    *) photos=$(readlink -f -- "$1") ;;
  esac
  shift
done
((EUID == 0)) || die "a fresh root is made and entered, which takes root: start it with sudo"

place=$(mktemp -d "${TMPDIR:-/tmp}/tintype-fresh.XXXXXX")
trap 'rm -rf --one-file-system "$place"' EXIT
chmod 755 "$place"
fresh=$place/root

timed() {
  local began=$SECONDS status=0
  printf '\n$ %s\n' "${*: -1}"
  ("$@") || status=$?
  printf -- '-- status %d after %d s\n' "$status" $((SECONDS - began))
  return "$status"
}

step prove "making a fresh Debian ($fresh_suite) in $fresh" fresh_root "$fresh" "$fresh_suite"
mkdir -p "$fresh/home/tintype"
step prove "putting the checkout ($version) in it" copy_checkout "$version" "$fresh/home/tintype/checkout"
chown -R 0:0 "$fresh/home/tintype"
if [[ -n $compile_cache ]]; then
  mkdir -p "$fresh/root/.cache/tintype"
  cp -r "$compile_cache" "$fresh/root/.cache/tintype/ccache"
fi
if [[ -n $photos ]]; then cp -rL "$photos" "$fresh/home/tintype/photos"; fi

timed isolated "$fresh" bash -c "cd /home/tintype && checkout/run --once ${photos:+photos}"
printf 'results: '
out=$fresh/home/tintype/out
printf '%d webp, %d avif, index.html %d bytes\n' \
  "$(find "$out" -name '*.webp' | wc -l)" "$(find "$out" -name '*.avif' | wc -l)" "$(stat -c %s "$out/index.html")"
timed isolated "$fresh" bash -c "cd /home/tintype && checkout/run --once ${photos:+photos}"
printf 'disk: %d MiB, of which the checkout and its build %d\n' \
  "$(du -sxm "$fresh" | cut -f1)" "$(du -sxm "$fresh/home/tintype/checkout" | cut -f1)"
[[ -z $with_test ]] ||
  timed isolated "$fresh" bash -c "cd /home/tintype && ${photos:+TINTYPE_PHOTOS=/home/tintype/photos }checkout/test"
