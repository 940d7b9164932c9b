#!/usr/bin/env bash
# deploy/cluster.d/ceph: its manager serves whoever brings it up, nothing is left outside its folder, and a daemon that ends is told.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
system_modules=/usr/share/ceph/mgr

# In namespaces of its own, root looks at modules of its own: a copy beside this script's place, over the system's.
if ((EUID == 0)) && [[ ${1:-} != isolated ]] && unshare --mount true 2>/dev/null; then
  exec unshare --mount "$0" isolated
fi

if ! command -v ceph-osd ceph-mgr >/dev/null; then
  printf 'skipped: Ceph is not installed; the section [cluster] of deploy/packages.txt names its packages\n'
  exit 77
fi

place=$(mktemp -d "${TMPDIR:-/tmp}/tintype-ceph.XXXXXX")
# Scripts that another user may read, wherever the checkout is.
mkdir "$place/deploy"
cp -r "$here/../../deploy/setup" "$here/../../deploy/cluster.d" "$place/deploy/"
chmod -R a+rX "$place"
script=$place/deploy/cluster.d/ceph
end() {
  local each
  for each in "$place"/*/ceph.conf; do
    if [[ -e $each ]]; then "$script" down "${each%/*}" || true; fi
  done
  if mountpoint --quiet "$system_modules"; then umount "$system_modules"; fi
  rm -rf "$place"
}
trap end EXIT

manager_is_active() {
  local i
  for ((i = 0; i < 100; i++)); do
    if ceph --conf "$1/ceph.conf" --connect-timeout 10 mgr stat 2>/dev/null | grep -q '"available": true'; then return 0; fi
    sleep 0.2
  done
  tail -n 3 "$1/log/mgr.x.log"
  return 1
}

# expect_manager WHAT DIR COMMAND...: COMMAND brings a cluster up in DIR.
expect_manager() {
  local said
  said=$("${@:3}" 2>&1) || expect "$1" "to come up" "$said"
  expect "$1: the manager is active" "" "$(manager_is_active "$2" || printf 'it is not')"
  "$script" down "$2"
}

if [[ ${1:-} == isolated ]]; then
  cp -r "$system_modules" "$place/modules"
  find "$place/modules" -name __pycache__ -prune -exec rm -r {} +
  mount --bind "$place/modules" "$system_modules"
fi

expect_manager "a cluster" "$place/ours" "$script" up "$place/ours" --osds 1

if [[ ${1:-} != isolated ]]; then
  printf 'left out: what lies among the system files, which takes root that may mount\n'
else
  expect "nothing is left among the system's files" "" "$(find "$system_modules" -name __pycache__)"
  # As root's Python leaves it, with a strict umask.
  rm -rf "$system_modules/__pycache__"
  mkdir -m 700 "$system_modules/__pycache__"
  mkdir "$place/theirs"
  chown 65534:65534 "$place/theirs"
  expect_manager "a cluster of another user" "$place/theirs" \
    setpriv --reuid 65534 --regid 65534 --clear-groups "$script" up "$place/theirs" --osds 1
fi

mkdir "$place/bin"
printf '#!/bin/sh\nexit 0\n' >"$place/bin/ceph-mgr"
chmod a+x "$place/bin/ceph-mgr"
said=$(PATH=$place/bin:$PATH "$script" up "$place/short" --osds 1 2>&1 || true)
expect_text "a daemon that ends is told" "mgr.x ended soon after its start; its log tells why: $place/short/log/mgr.x.log" "$said"
expect "nothing is left running" "" "$(pgrep -f "$place/short/" || true)"
finish
