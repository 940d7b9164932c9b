#!/usr/bin/env bash
# Entering a root: the system this runs on, bound together in a folder, stands in for the Debian 13 root.
set -uo pipefail
tests=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/deploy/expect.sh
. "$tests/expect.sh"
enter=$tests/../../deploy/setup/enter.sh

scratch=$(mktemp -d)
trap 'rm -rf --one-file-system "$scratch"' EXIT
if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then
  printf 'skipped: only root on a machine that may mount can enter a root\n'
  exit 77
fi

root=$scratch/root outside=$scratch/outside
mkdir -p "$root"/{usr,etc,proc,sys,dev,run,tmp,var} "$outside"
: >"$root/etc/debian_version"
for each in bin lib lib64 sbin; do
  if [[ -L /$each ]]; then ln -s "usr/$each" "$root/$each"; fi
done

# enter HOST-DIR COMMAND...: becomes it; call it in a subshell.
enter() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  exec unshare --mount --propagation private bash -c 'mount --bind /usr "$1/usr" && exec "${@:2}"' bash "$root" \
    "$enter" "$root" ro 0 0 "$outside" "$1" -- "${@:2}"
}

(enter "$outside" sh -c 'exit 7')
expect "the command's exit status" 7 $?
expect 'it stands where the caller stands' "$outside" "$(enter "$outside" pwd)"
(enter "$outside" sh -c 'echo here >written')
expect "the host's folder is at its own path" here "$(cat "$outside/written")"
expect_text 'the rest is read-only' 'Read-only file system' "$(enter "$outside" touch /etc/lost 2>&1)"
expect_text "a folder of the root's own is not hidden" "/etc is a folder of Debian's own too" "$(enter /etc true 2>&1)"
expect 'user namespaces as outside' "$(unshare --user true 2>&1)" "$(enter "$outside" unshare --user true 2>&1)"

enter "$outside" sh -c 'echo $$ >started; exec sleep 60' &
entered=$!
for ((i = 0; i < 100; i++)); do
  if [[ -s $outside/started ]]; then break; fi
  sleep 0.1
done
expect 'the command is the process that was started' "$entered" "$(cat "$outside/started")"
kill -TERM "$entered"
wait "$entered"
expect 'a signal reaches it' 143 $?
expect 'nothing stays mounted' '' "$(grep -F "$scratch" /proc/self/mountinfo)"
finish
