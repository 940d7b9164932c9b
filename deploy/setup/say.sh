# shellcheck shell=bash
# What the scripts say. Everything goes to stderr: stdout belongs to the program they start.

program=${0##*/}

say() { printf '[%s] %s\n' "$1" "$2" >&2; }

# die TEXT [STATUS]: one sentence with its remedy, then the end.
die() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit "${2:-1}"
}

on_terminal() { [[ -t 2 && ${CI:-} != true ]]; }

# tick LINE LOG: while a step works, rewrite its line with the seconds and ninja's last [n/m].
tick() {
  local line=$1 log=$2 began=$SECONDS
  # Looks at the script itself: a script that was killed must not leave its ticker writing to the terminal.
  while sleep 1 && kill -0 "$$" 2>/dev/null; do
    printf '\r%s %d s %s ' "$line" $((SECONDS - began)) \
      "$(tail -c 2000 "$log" 2>/dev/null | grep -o '^\[[0-9]*/[0-9]*\]' | tail -n 1)" >&2
  done
}

# step TAG WHAT COMMAND...: runs COMMAND with its output in a log, and says how long it took. When it fails: the end of
# the log, one sentence when the cause is known, where the log is, and the end of the script.
step() {
  local tag=$1 what=$2 log ticker='' status=0 began=$SECONDS line
  shift 2
  mkdir -p "$logs" 2>/dev/null || die "the folder $logs for logs cannot be made: name one that can with TINTYPE_CACHE=DIR"
  log=$logs/$(tr -cs 'a-zA-Z0-9' '-' <<<"$tag-$what" | cut -c1-40 | sed 's/-*$//').log
  line="[$tag] $what ..."
  printf '%s' "$line" >&2
  : >"$log"
  if on_terminal; then
    tick "$line" "$log" &
    ticker=$!
  fi
  interrupted=''
  trap 'interrupted=yes' INT
  # Not `if (...)`: a condition would switch errexit off inside.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  trap - INT
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r%s' "$line" >&2
  fi
  if [[ -n $interrupted ]]; then
    printf ' stopped\n' >&2
    kill -INT "$$"
  fi
  if ((status != 0)); then
    printf ' failed after %d s\n' $((SECONDS - began)) >&2
    tail -n 25 "$log" >&2
    explain_log "$log"
    die "$what failed; the whole log is $log" "$status"
  fi
  printf ' %d s%20s\n' $((SECONDS - began)) '' | sed 's/ *$//' >&2
}

# explain_log LOG: one sentence for the failures that have a known cause and remedy.
explain_log() {
  local log=$1
  if grep -qiE 'no space left on device|enough free space' "$log"; then
    say cause "the disk is full: free some space, or put the cache on another disk with TINTYPE_CACHE=DIR"
  elif grep -qiE 'NO_PUBKEY|not signed|public key is not available|unable to locate .*keyring|Missing key' "$log"; then
    say cause "this host's debian-archive-keyring is older than Debian 13: install a newer one (of Debian 12 or later, or of Ubuntu 24.04 or later) and start again"
  elif grep -qiE 'temporary failure|could not resolve|could not connect|connection (refused|timed out|failed)|network is unreachable|no route to host|unable to connect' "$log"; then
    say cause "the package mirror cannot be reached: check the network, or name another mirror with TINTYPE_MIRROR=URL (on Debian 13: in /etc/apt)"
  elif grep -qiE 'could not get lock|unable to acquire the dpkg' "$log"; then
    say cause "another program is installing packages: wait until it has finished and start again"
  elif grep -qiE 'unable to locate package|has no installation candidate' "$log"; then
    say cause "the mirror does not have a package of deploy/packages.txt: name a whole Debian 13 mirror with TINTYPE_MIRROR=URL (on Debian 13: enable trixie main in /etc/apt)"
  elif grep -qiE 'killed signal|fatal error: killed|internal compiler error: killed' "$log"; then
    say cause "the compiler ran out of memory: close other programs, or add swap, and start again"
  fi
}
