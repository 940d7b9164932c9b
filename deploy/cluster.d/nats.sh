# shellcheck shell=bash
# Three nats-servers, one cluster: TLS from clients and between servers, signed by an authority made here; a user for the farm
# and one for the servers among themselves.

make_nats_secrets() {
  local tls=$dir/nats
  mkdir -p "$tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=a fleet on one machine" \
    -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>"$tls/openssl.log"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=nats-server" \
    -keyout "$tls/server.key" -out "$tls/server.csr" 2>>"$tls/openssl.log"
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 3650 \
    -extfile <(printf 'subjectAltName=DNS:localhost%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$(printf ',IP:%s' $(for name in "${nats_names[@]}"; do address_of "$name"; done | sort -u))") \
    -out "$tls/server.pem" 2>>"$tls/openssl.log" || die "openssl could not make a certificate: $(tail -n 1 "$tls/openssl.log")"
  openssl rand -hex 16 >"$tls/password"
  openssl rand -hex 16 >"$tls/route-password"
}

# write_nats_conf NUMBER
write_nats_conf() {
  local tls=$dir/nats name=${nats_names[$1]} address i routes=''
  address=$(address_of "$name")
  for i in "${!nats_names[@]}"; do
    routes+="    nats-route://route:$(<"$tls/route-password")@$(address_of "${nats_names[i]}"):${route_ports[i]}"$'\n'
  done
  cat >"$dir/$name/nats-server.conf" <<CONF
server_name: $name
listen: $address:${nats_ports[$1]}
http: $address:${nats_http_ports[$1]}
log_file: "$dir/$name/log"
# A client that hangs is let go of within seconds.
ping_interval: "5s"
ping_max: 2
write_deadline: "5s"
tls { cert_file: "$tls/server.pem", key_file: "$tls/server.key", ca_file: "$tls/ca.pem", timeout: 5 }
accounts {
  FARM { jetstream: enabled, users: [ { user: tintype, password: "$(<"$tls/password")" } ] }
}
jetstream {
  store_dir: "$dir/$name/jetstream"
  max_file_store: 2GB
  max_memory_store: 64MB
  # A process that dies loses nothing; only a machine that loses power could, and then the queue is rebuilt from the store.
  sync_interval: "10s"
}
cluster {
  name: tintype
  listen: $address:${route_ports[$1]}
  authorization { user: route, password: "$(<"$tls/route-password")", timeout: 5 }
  tls { cert_file: "$tls/server.pem", key_file: "$tls/server.key", ca_file: "$tls/ca.pem", verify: true, timeout: 5 }
  routes: [
$routes  ]
}
CONF
}

start_nats() {
  local i until
  for i in "${!nats_names[@]}"; do
    mkdir -p "$dir/${nats_names[i]}"
    write_nats_conf "$i"
    launch "${nats_names[i]}" nats-server --config "$dir/${nats_names[i]}/nats-server.conf"
  done
  until=$((SECONDS + 30))
  for i in "${nats_names[@]}"; do
    # Its JetStream is there: it knows a leader and has caught up.
    until nats_says "$i" healthz | grep -q '"ok"'; do
      if ((SECONDS >= until)); then
        tail -n 5 "$dir/$i/log" >&2 || true
        die "$i was not ready within 30 s; its folder is $dir/$i"
      fi
      sleep 0.1
    done
  done
  admit_nats_members
}

# nats_says NAME WHAT: what a nats-server tells of itself; nothing if it does not.
nats_says() {
  on_host "$1" curl -sf --max-time 2 "$(sed -n 's/^http: /http:\/\//p' "$dir/$1/nats-server.conf")/$2" 2>/dev/null || true
}

# nats_members: who takes part in the cluster's JetStream, as its leader tells; nothing while there is none.
nats_members() {
  local i
  for i in "${nats_names[@]}"; do nats_says "$i" jsz | tr -d '\n' && echo; done | python3 -c '
import json, sys
for line in filter(str.strip, sys.stdin.read().splitlines()):
    meta = json.loads(line).get("meta_cluster", {})
    if "leader" in meta and "replicas" in meta:  # the others are told of by the leader alone
        print(meta["leader"], *(replica["name"] for replica in meta["replicas"]), sep="\n")
        break'
}

# Servers that start without any state, all at once, sometimes leave one of three out for good (nats-server 2.10.27), and no stream
# can have three replicas then. Started again, it is taken in. A leader that was elected just now gets 3 s to hear of all of them.
admit_nats_members() {
  local i members missing until=$((SECONDS + 30)) since=$SECONDS
  while ((SECONDS < until)); do
    members=$(nats_members)
    missing=()
    for i in "${nats_names[@]}"; do grep -qx "$i" <<<"$members" || missing+=("$i"); done
    ((${#missing[@]} > 0)) || return 0
    [[ -n $members ]] || since=$SECONDS
    if ((SECONDS >= since + 3)); then
      say cluster "NATS: ${missing[*]} was left out by the others, and is started again"
      for i in "${missing[@]}"; do restart_nats "$i"; done
      since=$SECONDS
    fi
    sleep 0.2
  done
  die "NATS: ${missing[*]} does not take part in the cluster; its folder is $dir/${missing[0]}"
}

restart_nats() {
  local pid i
  pid=$(pid_of "$1")
  [[ -z $pid ]] || kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < 100; i++)); do
    [[ -n $(pid_of "$1") ]] || break
    sleep 0.1
  done
  launch_again "$1"
}
