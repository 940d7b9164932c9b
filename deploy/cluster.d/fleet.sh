# shellcheck shell=bash
# Gateways, nodes, nginx, and the configuration that they share.

# Kept over restarts: each process comes back where the others look for it.
assign_ports() {
  local ports
  read -ra ports <<<"$(free_ports 12)"
  nats_ports=("${ports[@]:0:3}") route_ports=("${ports[@]:3:3}") nats_http_ports=("${ports[@]:6:3}")
  gateway_ports=("${ports[@]:9:2}") nginx_port=${ports[11]}
}

write_fleet_config() {
  local i urls=''
  for i in "${!nats_names[@]}"; do urls+="${urls:+, }\"tls://$(address_of "${nats_names[i]}"):${nats_ports[i]}\""; done
  cat >"$dir/fleet.toml" <<TOML
[nats]
urls = [$urls]
replicas = 3
user = "tintype"
password_file = "$dir/nats/password"
ca_file = "$dir/nats/ca.pem"
ack_wait_s = 10
max_stream_mb = 256

[ceph]
conf = "$dir/ceph/ceph.conf"
user = "client.tintype"
keyring = "$dir/ceph/keyring"

[gateway]
threads = 8
# All of it is on this machine: who may reach it may use it. nginx asks under its own address.
trust_network = true
min_free_mb = 64

[node]
workers = $workers
sweep_period_s = 2
TOML
}

# start_process KIND NAME SETTING...
start_process() {
  local kind=$1 name=$2 settings=() setting
  shift 2
  for setting in "$@"; do settings+=(--set "$setting"); done
  mkdir -p "$dir/$name"
  launch "$name" "$program_file" "$kind" --config "$dir/fleet.toml" --ready-file "$dir/$name/ready" \
    --set "log.file=$dir/$name/log" --set "$kind.name=$name" "${settings[@]}"
}

start_gateways() {
  local i
  for i in "${!gateway_names[@]}"; do
    start_process gateway "${gateway_names[i]}" "gateway.listen=$(address_of "${gateway_names[i]}"):${gateway_ports[i]}" \
      "gateway.state_dir=$dir/${gateway_names[i]}"
  done
  for i in "${gateway_names[@]}"; do await_ready "$i" 60; done
}

start_nodes() {
  local i
  for ((i = 1; i <= nodes; i++)); do start_process node "n$i"; done
  for ((i = 1; i <= nodes; i++)); do await_ready "n$i" 60; done
}

write_nginx_conf() {
  local i
  {
    cat <<CONF
# One process, so that what kills it frees its port.
master_process off;
daemon off;
pid $dir/nginx/pid;
error_log $dir/nginx/log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $dir/nginx/body;
  proxy_temp_path $dir/nginx/proxy;
  fastcgi_temp_path $dir/nginx/fastcgi;
  uwsgi_temp_path $dir/nginx/uwsgi;
  scgi_temp_path $dir/nginx/scgi;
  upstream gateways {
    zone gateways 64k;
CONF
    for i in "${!gateway_names[@]}"; do
      printf '    server %s:%s max_fails=1 fail_timeout=2s;\n' "$(address_of "${gateway_names[i]}")" "${gateway_ports[i]}"
    done
    printf '    keepalive 16;\n  }\n'
    for i in "${!gateway_names[@]}"; do
      printf '  upstream only_%s { server %s:%s; keepalive 4; }\n' "${gateway_names[i]}" "$(address_of "${gateway_names[i]}")" "${gateway_ports[i]}"
    done
    printf '  map $uri $where {\n    default gateways;\n'
    for i in "${gateway_names[@]}"; do printf '    ~^/v1/uploads/%s- only_%s;\n' "$i" "$i"; done
    cat <<CONF
  }
  server {
    listen 127.0.0.1:$nginx_port;
    client_max_body_size 0;
    location / {
      proxy_pass http://\$where;
      proxy_http_version 1.1;
      proxy_set_header Host \$http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_connect_timeout 1s;
      proxy_read_timeout 130s;
      proxy_next_upstream error timeout;
    }
  }
}
CONF
  } >"$dir/nginx/nginx.conf"
}

start_nginx() {
  mkdir -p "$dir/nginx"
  write_nginx_conf
  launch nginx nginx -e "$dir/nginx/log" -p "$dir/nginx/" -c "$dir/nginx/nginx.conf"
  printf 'http://127.0.0.1:%s\n' "$nginx_port" >"$dir/url"
}

node_names() {
  curl -sf --max-time 5 "$(<"$dir/url")/v1/devices" |
    python3 -c 'import json, sys; print(*(node["node"] for node in json.load(sys.stdin)["nodes"]), sep="\n")' 2>/dev/null || true
}

# await_fleet SECONDS: until every gateway is ready and has heard of every node.
await_fleet() {
  local until=$((SECONDS + $1)) i url
  for i in "${!gateway_names[@]}"; do
    url=http://$(address_of "${gateway_names[i]}"):${gateway_ports[i]}
    until curl -sf --max-time 5 "$url/readyz" 2>/dev/null | grep -q '"state":"ok"' &&
      (($(curl -sf --max-time 5 "$url/v1/devices" | grep -o '"node":' | wc -l) >= nodes)); do
      if ((SECONDS >= until)); then
        curl -sS --max-time 5 "$url/readyz" >&2 || true
        die "the gateway ${gateway_names[i]} was not ready within $1 s; its folder is $dir/${gateway_names[i]}"
      fi
      sleep 0.2
    done
  done
  until curl -sf --max-time 5 -o /dev/null "$(<"$dir/url")/readyz"; do
    ((SECONDS < until)) || die "nginx did not answer within $1 s; its log is $dir/nginx/log"
    sleep 0.2
  done
}
