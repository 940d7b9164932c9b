#!/usr/bin/env bash
# deploy/cluster as a person would use it: up, the main job through nginx, processes killed and started again, everything restarted,
# down. cluster_test.sh TINTYPE
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
tintype=$1
script=$here/../../deploy/cluster

if ! command -v ceph-osd nginx nats-server >/dev/null; then
  printf 'skipped: Ceph, nginx or nats-server is not installed; the section [cluster] of deploy/packages.txt names its packages\n'
  exit 77
fi

place=$(mktemp -d "${TMPDIR:-/tmp}/tintype-cluster.XXXXXX")
fleet=$place/fleet
trap '"$script" down "$fleet" --program "$tintype" >/dev/null 2>&1 || true; rm -rf "$place"' EXIT
run() { "$script" "$1" "$fleet" "${@:2}" --program "$tintype" 2>&1; }

# soon COMMAND...: within half a minute.
soon() {
  local i
  for ((i = 0; i < 150; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  return 1
}
ready() { curl -sf --max-time 10 "$(<"$fleet/url")/readyz" | grep -q '"state":"ok"'; }
node_count() { curl -sf --max-time 5 "$(<"$fleet/url")/v1/devices" | grep -o '"node":' | wc -l; }
listed() { curl -sf --max-time 20 "$(<"$fleet/url")/v1/photos?limit=1000" | grep -o '"id":' | wc -l; }

up=$(run up --nodes 2) || printf '%s\n' "$up"
expect_text "up tells each step" "3 servers, one cluster" "$up"
expect_text "up tells when it is ready" "ready after" "$up"
expect_text "a second up is refused" "has a fleet already" "$(run up || true)"
expect "every process runs" 0 "$(run status | grep -c 'is down')"
expect_text "status asks the gateways" "nodes: n1 n2" "$(run status)"
expect "nodes are known" 2 "$(node_count)"

# The main job.
mkdir "$place/photos"
for i in 1 2 3; do

  python3 - "$place/photos/$i.png" "$i" <<'PYTHON'
import struct, sys, zlib
side = 64 * int(sys.argv[2])
rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(3 * side)) for y in range(side))
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                              + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
done
"$tintype" compress "$place/photos" --out "$place/out" --farm "$(<"$fleet/url")" --keep </dev/null >"$place/compress.log" 2>&1 ||
  expect "the main job" "to end well" "$(tail -n 5 "$place/compress.log")"
expect "every photo has variants" 3 "$(find "$place/out/photos" -name '*.webp' -printf '%h\n' | sort -u | wc -l)"
expect "photos are listed" 3 "$(listed)"

# A gateway, a node and a nats-server die; the rest serves, and they come back.
for name in g1 n1 nats1; do kill -KILL "$(<"$fleet/run/$name.pid")"; done
expect "reads go on" 3 "$(soon listed && listed)"
expect_text "status tells who is down" "g1     is down" "$(run status)"
run start g1 n1 nats1
soon ready || expect "the fleet" "ready again" "$(curl -sS "$(<"$fleet/url")/readyz" || true)"
both() { [[ $(node_count) == 2 ]]; }
soon both || expect "nodes after a restart" 2 "$(node_count)"
expect_text "an unknown name is refused" "there is no g9" "$(run start g9 || true)"

# All of it at once, as after a power cut.
run down --keep
expect "nothing is left" "" "$(pgrep -f "$fleet/" || true)"
run start
soon ready || expect "the fleet" "ready after a restart of everything" "$(curl -sS "$(<"$fleet/url")/readyz" || true)"
soon both || expect "nodes after a restart of everything" 2 "$(node_count)"
expect "photos are there still" 3 "$(listed)"

run down
expect "down leaves no process" "" "$(pgrep -f "$fleet/" || true)"
expect "down leaves no folder" "gone" "$([[ -e $fleet ]] || printf gone)"
finish
