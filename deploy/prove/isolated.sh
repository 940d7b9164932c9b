# shellcheck shell=bash
# For the proofs: fresh Debian roots, and commands run in one as on a machine of its own. Sourced, after setup.sh; needs root.

# fresh_root ROOT SUITE: the smallest Debian there is, with apt and nothing of ours.
fresh_root() {
  local mirrors=()
  # The mirror is the one that setup.sh would take, with the suite's own name in it.
  mapfile -t mirrors < <(suite=$2 mirror_lines)
  unshare --mount --propagation private mmdebstrap --variant=minbase --mode=root --dpkgopt=force-unsafe-io "$2" "$1" "${mirrors[@]}"
}

# isolated ROOT COMMAND...: becomes COMMAND (call it in a subshell to come back), which sees ROOT and nothing of the host but its
# devices and its network. Nothing stays mounted.
isolated() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  exec env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" ${CI:+"CI=$CI"} PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    unshare --mount --propagation private bash -euc '
      root=$1; shift
      mount --bind "$root" "$root"
      mount -t proc proc "$root/proc"
      for system in /sys /dev; do mount --rbind "$system" "$root$system"; done
      cat /etc/resolv.conf >"$root/etc/resolv.conf" || true
      cat /etc/hosts >"$root/etc/hosts"
      cd "$root"
      pivot_root . .
      umount --lazy .
      cd /
      exec "$@"' bash "$@"
}

# copy_checkout worktree|head TO: the checkout as a clean clone has it, or with what is not committed yet.
copy_checkout() {
  # shellcheck disable=SC2154 # of setup.sh
  if [[ $1 == head ]]; then
    git -c safe.directory='*' clone --quiet "$checkout" "$2"
  else
    mkdir -p "$2"
    git -c safe.directory='*' -C "$checkout" ls-files -z --cached --others --exclude-standard |
      tar -C "$checkout" --null --files-from=- --ignore-failed-read --create | tar -C "$2" --extract
  fi
}
