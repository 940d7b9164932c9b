#!/usr/bin/env bash
# Brings a script to a Debian 13 with the packages of deploy/packages.txt: this machine itself where it is one, else a Debian 13
# root that is made once and entered. Sourced by ./run, ./test, ./tintype and bench/run; on its own:
#   deploy/setup.sh          set up for ./run, and nothing else
#   deploy/setup.sh test     set up for ./test
#   deploy/setup.sh fleet    set up for ./run, and for building the processes of a fleet
#   deploy/setup.sh clean    delete the roots of earlier package lists
# docs/setup.md tells where things are kept and what the errors mean.
set -euo pipefail

checkout=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source-path=SCRIPTDIR
. "$checkout/deploy/setup/say.sh"
# shellcheck source-path=SCRIPTDIR
. "$checkout/deploy/setup/packages.sh"
# shellcheck source-path=SCRIPTDIR
. "$checkout/deploy/setup/debian_root.sh"
# shellcheck source-path=SCRIPTDIR
. "$checkout/deploy/setup/build.sh"

# Measured: the root is 1.3 GiB and the download beside it 0.3; what only ./test needs is another 2.0, besides its download.
space_for_root_mib=2000
space_for_packages_mib=2500

# Who the programs run as. Through sudo it is the person who typed it: only the set-up needs root, photos and results do not.
user_id=$EUID group_id=$(id -g)
if ((EUID == 0)) && [[ -n ${SUDO_UID:-} && ${SUDO_UID} != 0 ]]; then
  user_id=$SUDO_UID group_id=${SUDO_GID:-$SUDO_UID}
  HOME=$(getent passwd "$user_id" | cut -d: -f6)
  export HOME
fi
cache=$(readlink -m "${TINTYPE_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/tintype}")
logs=$cache/logs-$user_id

os_release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" /etc/os-release 2>/dev/null || true; }
host_id=$(os_release ID)
host_version=$(os_release VERSION_ID)
host_codename=$(os_release VERSION_CODENAME)
host_name=$(os_release PRETTY_NAME)
host_name=${host_name:-Linux of an unknown kind}

# set_up SECTION... -- COMMAND...: returns on a Debian 13 that has these sections; elsewhere starts COMMAND, which is the calling
# script with its arguments, in the Debian 13 root, where the same call then returns.
set_up() {
  local sections=() root
  while [[ $1 != -- ]]; do
    sections+=("$1")
    shift
  done
  shift
  [[ $(uname -m) == @(x86_64|aarch64) ]] ||
    die "this machine is a $(uname -m) and Tintype runs on 64-bit PCs and ARM (x86_64, aarch64): use one of those"
  make_cache
  if [[ $host_id == debian && $host_version == 13 ]]; then
    install_here "${sections[@]}"
    drop_sudo "$@"
    return
  fi
  ((EUID == 0)) ||
    die "this is $host_name, where Tintype runs in a Debian 13 root of its own, and making and entering that takes root: start it with sudo, as in: sudo$(printf ' %q' "$@")"
  require_mounts
  root=$(root_dir)
  ensure_root "$root" "${sections[@]}"
  hand_over_cache
  enter_root "$root" ro "$user_id" "$group_id" "$@"
}

# On Debian 13 through sudo: the packages are there now, and the rest is done as the person who typed it.
drop_sudo() {
  ((user_id != EUID)) || return 0
  hand_over_cache
  exec setpriv --reuid "$user_id" --regid "$group_id" --init-groups -- "$@"
}

make_cache() {
  as_person mkdir -p "$cache" 2>/dev/null || mkdir -p "$cache" 2>/dev/null ||
    die "the cache folder $cache cannot be made: name one that can with TINTYPE_CACHE=DIR"
}

# What the person's own programs write in the cache must not stay root's; the roots must.
hand_over_cache() {
  mkdir -p "$cache/ccache" "$logs"
  if ((user_id != EUID)); then
    chown "$user_id:$group_id" "$cache" "$cache/ccache"
    chown -R "$user_id:$group_id" "$logs"
  fi
}

# as_person COMMAND...: with the rights of the one who typed the script, also under sudo.
as_person() {
  if ((user_id == EUID)); then "$@"; else setpriv --reuid "$user_id" --regid "$group_id" --init-groups -- "$@"; fi
}

# enter_root ROOT ro|rw UID GID COMMAND...: becomes COMMAND inside ROOT, in the same folder, with the host's files at their own paths.
# Everything mounted for it is gone with it.
enter_root() {
  local root=$1 mode=$2 uid=$3 gid=$4 dirs=() keep=() name
  shift 4
  mapfile -t dirs < <(named_dirs "$@")
  # The host's own settings, such as its library path, mean something else inside.
  for name in $(compgen -e); do
    case $name in
      TINTYPE_* | CCACHE_* | GTEST_* | CTEST_* | *SAN_OPTIONS | *_proxy | *_PROXY) ;;
      HOME | TERM | CI | NO_COLOR | TMPDIR | TZ | XDG_CACHE_HOME) ;;
      *) continue ;;
    esac
    keep+=("$name=${!name}")
  done
  exec env -i "${keep[@]}" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    unshare --mount --propagation private \
    "$checkout/deploy/setup/enter.sh" "$root" "$mode" "$uid" "$gid" "$PWD" "${dirs[@]}" -- "$@"
}

# named_dirs ARGUMENT...: the folders that a command may want: of its arguments that are paths, where it stands, checkout, cache.
# Of a path that is not there yet, the nearest folder above it that is.
named_dirs() {
  local path
  for path in "$@" "$PWD" "$checkout" "$cache"; do
    path=$(readlink -m -- "${path#--*=}" 2>/dev/null) || continue
    while [[ ! -d $path ]]; do path=${path%/*}/.; path=$(readlink -m -- "$path"); done
    [[ $path == / ]] || printf '%s\n' "$path"
  done | sort -u
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  case ${1:-} in
    '') set_up runtime run -- true ;;
    test) set_up runtime run test cluster -- true ;;
    fleet) set_up runtime run fleet -- true ;;
    clean) clean_roots ;;
    *)
      sed -n '2,8s/^# \{0,1\}//p' "$0"
      [[ $1 == --help ]] || exit 2
      ;;
  esac
fi
