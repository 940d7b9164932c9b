# shellcheck shell=bash
# Three hosts that this machine plays: a network namespace each, and one more for the switch between them, where clients, nginx and
# whoever starts things are. Each is held by a process that does nothing else: $hosts/NAME.pid. Where there is no folder $hosts,
# everything is on loopback.

host_names=(host1 host2 host3)
network=10.77.0

have_hosts() { [[ -d $hosts ]]; }

# host_of NAME: where a process is. They go round: mon.a, osd.0, nats1, g1 and n1 are on host1.
host_of() {
  local number
  case $1 in
    host?) number=${1#host} ;;
    mon.?) number=$(($(printf '%d' "'${1#mon.}") - 96)) ;;
    osd.*) number=$((${1#osd.} + 1)) ;;
    mgr.*) number=3 ;;
    nats[0-9]* | g[0-9]* | n[0-9]*) number=${1//[a-z]/} ;;
    *) number=0 ;;
  esac
  if ((number > 0)); then printf 'host%d\n' $(((number - 1) % 3 + 1)); else printf 'switch\n'; fi
}

# address_of NAME: where a process listens.
address_of() {
  local host
  if ! have_hosts; then
    printf '127.0.0.1\n'
    return
  fi
  host=$(host_of "$1")
  if [[ $host == switch ]]; then printf '%s.254\n' "$network"; else printf '%s.%s\n' "$network" "${host#host}"; fi
}

namespace_of() { printf '/proc/%s/ns/net\n' "$(<"$hosts/$1.pid")"; }

# entering NAME: the array $enter, to be put before a command that starts the process.
entering() {
  enter=()
  if have_hosts; then enter=(nsenter --net="$(namespace_of "$(host_of "$1")")" --); fi
}

on_host() {
  local enter
  entering "$1"
  "${enter[@]}" "${@:2}"
}

# hold NAME: a namespace, and the process that keeps it.
hold() {
  local i
  setsid --fork unshare --net bash -c 'printf "%s\n" "$$" >"$0"; exec tail --silent --follow "$0"' "$hosts/$1.pid" \
    >/dev/null 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&-
  for ((i = 0; i < 100; i++)); do
    [[ ! -s $hosts/$1.pid ]] || return 0
    sleep 0.05
  done
  die "no network namespace could be made for $1: it takes root and a kernel that allows them; without --hosts all is on loopback"
}

make_hosts() {
  local name number
  command -v ip nsenter unshare >/dev/null || die "--hosts needs iproute2 and util-linux: install them, or leave it out"
  mkdir -p "$hosts"
  hold switch
  on_host switch ip link set lo up
  on_host switch ip link add name lan type bridge
  on_host switch ip address add "$network.254/24" dev lan
  on_host switch ip link set lan up
  for name in "${host_names[@]}"; do
    number=${name#host}
    hold "$name"
    on_host switch ip link add name "$name" type veth peer name eth0 netns "$(<"$hosts/$name.pid")"
    on_host switch ip link set "$name" master lan up
    on_host "$name" ip link set lo up
    on_host "$name" ip address add "$network.$number/24" dev eth0
    on_host "$name" ip link set eth0 up
  done
}

end_hosts() {
  local file pid
  for file in "$hosts"/*.pid; do
    [[ -s $file ]] || continue
    pid=$(<"$file")
    if tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$file"; then kill "$pid" 2>/dev/null || true; fi
  done
}

# at_switch COMMAND...: returns at the switch, or where there is none; elsewhere becomes COMMAND there, which is the calling script.
at_switch() {
  local net
  have_hosts || return 0
  net=$(namespace_of switch)
  [[ -e $net ]] || die "the network of $hosts is gone, and what was in it: deploy/cluster down, then up"
  [[ $net -ef /proc/self/ns/net ]] || exec nsenter --net="$net" -- "$@"
}
