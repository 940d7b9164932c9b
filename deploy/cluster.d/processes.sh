# shellcheck shell=bash
# The processes of a fleet on one machine, but for Ceph's own: each in its folder $dir/NAME, with its pid in $dir/run/NAME.pid and
# the command that starts it in $dir/run/NAME.command.

# launch NAME COMMAND...: in a session of its own, so that it stays when this script's terminal goes. Names $dir somewhere in its
# arguments, which is what tells it from others.
launch() {
  local name=$1
  shift
  mkdir -p "$dir/$name"
  printf '%q ' "$@" >"$dir/run/$name.command"
  launch_again "$name"
}

launch_again() {
  local command=() enter=()
  entering "$1"
  eval "command=($(<"$dir/run/$1.command"))"
  rm -f "$dir/$1/ready"
  # The lock of a build, and whatever else this shell has open, is not for daemons.
  setsid --fork bash -c 'printf "%s\n" "$$" >"$0"; exec "$@"' "$dir/run/$1.pid" "${enter[@]}" "${command[@]}" \
    >>"$dir/$1/out" 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&-
}

# pid_of NAME: nothing if it has ended; a number alone may long belong to another process.
pid_of() {
  local pid
  [[ -s $dir/run/$1.pid ]] || return 0
  pid=$(<"$dir/run/$1.pid")
  if tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/"; then printf '%s\n' "$pid"; fi
}

# end_processes: those that hold requests first, so that nobody is told "done" by what is going away.
end_processes() {
  local file name pid pids=() i left
  for name in nginx g n nats; do
    pids=()
    for file in "$dir"/run/"$name"*.pid; do
      [[ -e $file ]] || continue
      file=${file##*/}
      file=${file%.pid}
      [[ $name != n || $file =~ ^n[0-9]+$ ]] || continue
      pid=$(pid_of "$file")
      [[ -z $pid ]] || pids+=("$pid")
    done
    ((${#pids[@]} > 0)) || continue
    kill -TERM "${pids[@]}" 2>/dev/null || true
    # One that was stopped only takes the signal once it goes on.
    kill -CONT "${pids[@]}" 2>/dev/null || true
    for ((i = 0; i < 150; i++)); do
      left=no
      for pid in "${pids[@]}"; do
        if kill -0 "$pid" 2>/dev/null; then left=yes; fi
      done
      [[ $left == yes ]] || break
      sleep 0.2
    done
    kill -KILL "${pids[@]}" 2>/dev/null || true
  done
}

# await_ready NAME SECONDS: until it has written its ready file; with the end of what it said, if it does not.
await_ready() {
  local began=$SECONDS problem=''
  while [[ ! -s $dir/$1/ready ]]; do
    if ((SECONDS >= began + $2)); then
      problem="was not ready within $2 s"
    elif ((SECONDS >= began + 2)) && [[ -z $(pid_of "$1") ]]; then
      problem="ended before it was ready"
    fi
    if [[ -n $problem ]]; then
      tail -n 5 "$dir/$1/out" "$dir/$1/log" >&2 2>/dev/null || true
      die "$1 $problem; its folder is $dir/$1"
    fi
    sleep 0.05
  done
}
