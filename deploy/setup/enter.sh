#!/usr/bin/env bash
# enter.sh ROOT ro|rw UID GID CWD HOST_DIR... -- COMMAND...
# The inner half of entering a root: started by enter_root (setup.sh) in a mount namespace of its own, so that every mount made
# here is gone when the last program in it ends. Never returns: becomes COMMAND, so that signals and the exit status are its own.
set -euo pipefail

root=$1 mode=$2 uid=$3 gid=$4 cwd=$5
shift 5
host_dirs=()
while [[ $1 != -- ]]; do
  host_dirs+=("$1")
  shift
done
shift

fail() {
  printf 'entering %s: %s\n' "$root" "$1" >&2
  exit 1
}

bind() { # OPTION FROM TO
  mount "$1" "$2" "$3" || fail "mounting $2 was refused: this container may not mount (CAP_SYS_ADMIN); use a Debian 13 machine or container, where nothing is mounted"
}

bind --rbind "$root" "$root"
# The root lies inside one of the folders mounted into it below; unbindable, it is left out there.
mount --make-unbindable "$root"

for system in /proc /sys /dev; do bind --rbind "$system" "$root$system"; done

# Every folder of the host that is not the operating system's, at the same path: photos, results, checkout and cache keep
# their names inside.
for dir in /*; do
  case ${dir#/} in
    bin | boot | dev | etc | lib | lib32 | lib64 | libx32 | lost+found | proc | run | sbin | snap | sys | usr | var) continue ;;
  esac
  [[ -d $dir ]] || continue
  mkdir -p "$root$dir"
  bind --rbind "$dir" "$root$dir"
done

# What was named and lies in one of the folders above that are not taken over, such as /run/media or /var.
for dir in "${host_dirs[@]}"; do
  mkdir -p "$root$dir"
  if [[ $root$dir -ef $dir ]]; then continue; fi
  # Folders without a file are the mount points of earlier runs, and hide nothing.
  [[ -z $(find "$root$dir" -xdev ! -type d -print -quit) ]] || fail "$dir is a folder of Debian's own too: copy what you need from it to another place, such as your home"
  bind --rbind "$dir" "$root$dir"
done

# What the host resolves, and whom it trusts: behind a proxy with a certificate of its own, downloads fail otherwise.
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
  [[ -e $file ]] || continue
  mkdir -p "$root${file%/*}"
  [[ -e $root$file ]] || : >"$root$file"
  bind --bind "$(readlink -f "$file")" "$root$file"
done

# pivot_root rather than chroot: in a chroot the kernel refuses the user namespaces that the sandbox is made of.
cd "$root"
pivot_root . . || fail "pivot_root was refused: use a Debian 13 machine or container, where it is not needed"
umount --lazy .
mount --make-private /
mount -t tmpfs -o mode=755 tmpfs /run
# What is written outside the host's folders would be lost in the cache: better refused than lost.
[[ $mode == rw ]] || mount -o remount,bind,ro /
cd "$cwd"

if ((uid == 0)); then exec "$@"; fi
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"
