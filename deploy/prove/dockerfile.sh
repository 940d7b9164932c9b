#!/usr/bin/env bash
# Carries out deploy/Dockerfile where there is no container engine: each step of the file itself, in fresh minimal Debian roots in
# place of the debian images, with a container's rights (no mounts, no other processes). Then starts the image's own command as its
# own user in a network of its own, waits for HEALTHCHECK to succeed, compresses a photo through the HTTP port if one is named,
# and stops it with the image's STOPSIGNAL. Needs root, mmdebstrap and iproute2; everything it made is deleted.
# Usage: deploy/prove/dockerfile.sh [PHOTO]
# It knows FROM, WORKDIR, COPY, RUN, ENV, USER, VOLUME, EXPOSE, STOPSIGNAL, HEALTHCHECK, ENTRYPOINT and CMD, and refuses others.
set -euo pipefail
# shellcheck source=deploy/setup.sh
. "$(dirname "$(readlink -f "$0")")/../setup.sh"
# shellcheck source=deploy/prove/isolated.sh
. "$checkout/deploy/prove/isolated.sh"

photo=${1:+$(readlink -f -- "$1")}
((EUID == 0)) || die "fresh roots are made and entered, which takes root: start it with sudo"
place=$(mktemp -d "${TMPDIR:-/tmp}/tintype-image.XXXXXX")
chmod 755 "$place"
container=''
trap '[[ -z $container ]] || kill -KILL "$container" 2>/dev/null; rm -rf --one-file-system "$place"' EXIT

# instructions: one a line, comments and continued lines taken out.
instructions() { sed -e '/^ *#/d' -e '/^ *$/d' "$checkout/deploy/Dockerfile" | sed -e ':a' -e '/\\$/{N;s/ *\\\n */ /;ba' -e '}'; }

# words TEXT: the array $list from ["a", "b"] or from a b.
words() {
  if [[ $1 == \[* ]]; then
    mapfile -t list < <(grep -o '"[^"]*"' <<<"$1" | tr -d '"')
  else
    read -ra list <<<"$1"
  fi
}

# in_stage COMMAND...: becomes COMMAND, with the stage's folder, user and variables and without what a container has not.
in_stage() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  isolated "$root" setpriv --bounding-set -sys_admin,-sys_module,-sys_ptrace,-sys_boot,-net_admin --inh-caps -all \
    env "${variables[@]}" bash -c 'cd "$1" && shift && exec "$@"' bash "$folder" "${as_user[@]}" "$@"
}

begin_stage() { # IMAGE [AS NAME]
  [[ $1 == debian:*-slim ]] || die "Dockerfile: FROM $1 is not a Debian image, and this proof knows no other"
  local base=$place/base
  if [[ ! -d $base ]]; then
    local suite_and_slim=${1#debian:}
    step prove "making a minimal root in place of $1" fresh_root "$base" "${suite_and_slim%-slim}"
  fi
  stage=${3:-final}
  root=$place/$stage folder=/ variables=(LANG=C) as_user=() image_user=root
  cp -a "$base" "$root"
}

copy() {
  local from=$checkout sources to
  words "$1"
  if [[ ${list[0]} == --from=* ]]; then
    from=$place/${list[0]#--from=}
    list=("${list[@]:1}")
  fi
  to=${list[-1]} sources=("${list[@]:0:${#list[@]}-1}")
  [[ $to == /* ]] || to=$folder/$to
  if [[ $from == "$checkout" ]]; then
    # Without what .dockerignore names; a folder's content goes into the folder named, as Docker does it.
    mkdir -p "$root$to"
    for each in "${sources[@]}"; do
      tar -C "$checkout/$each" --create --exclude-from="$checkout/deploy/Dockerfile.dockerignore" . | tar -C "$root$to" --extract --no-same-owner
    done
  else
    mkdir -p "$root${to%/*}"
    for each in "${sources[@]}"; do cp -a "$from/$each" "$root$to"; done
  fi
}

user() {
  image_user=$1
  as_user=(setpriv --reuid "$(chroot "$root" id -u "$1")" --regid "$(chroot "$root" id -g "$1")" --clear-groups --)
  variables+=("HOME=$(chroot "$root" getent passwd "$1" | cut -d: -f6)")
}

entrypoint=() command=() health=() stop_signal=TERM
while read -r instruction rest; do
  case $instruction in
    FROM)
      # shellcheck disable=SC2086 # IMAGE AS NAME
      begin_stage $rest
      ;;
    WORKDIR) folder=$rest && mkdir -p "$root$folder" ;;
    COPY) step prove "$stage: COPY $rest" copy "$rest" ;;
    RUN) step prove "$stage: RUN ${rest:0:70}" in_stage bash -c "$rest" ;;
    ENV) variables+=("$rest") ;;
    USER) user "$rest" ;;
    VOLUME) mkdir -p "$root$rest" ;;
    EXPOSE) ;;
    STOPSIGNAL) stop_signal=${rest#SIG} ;;
    HEALTHCHECK) words "${rest#*CMD }" && health=("${list[@]}") ;;
    ENTRYPOINT) words "$rest" && entrypoint=("${list[@]}") ;;
    CMD) words "$rest" && command=("${list[@]}") ;;
    *) die "Dockerfile: this proof does not know the instruction $instruction" ;;
  esac
done < <(instructions)

say prove "image: $(du -sxm "$root" | cut -f1) MiB, of which Debian's own $(du -sxm "$place/base" | cut -f1)"

# A container's own network and process numbers: the program is process 1, and no port of this machine is taken.
# shellcheck disable=SC2016 # expanded by the inner shell
unshare --net --pid --fork --kill-child bash -c 'ip link set lo up; exec "$@"' bash \
  bash -c "$(declare -f isolated in_stage); $(declare -p root folder variables as_user); in_stage \"\$@\"" bash \
  "${entrypoint[@]}" "${command[@]}" >"$place/container.log" 2>&1 &
container=$!
began=$SECONDS
until first=$(pgrep -P "$container" 2>/dev/null | head -n 1) && [[ -n $first ]]; do sleep 0.1; done

# attached COMMAND...: like docker exec.
attached() {
  nsenter --target "$first" --net --pid bash -c "$(declare -f isolated in_stage); $(declare -p root folder variables as_user); in_stage \"\$@\"" bash "$@"
}

until attached "${health[@]}" >"$place/health.log" 2>&1; do
  if ! kill -0 "$container" 2>/dev/null || ((SECONDS - began > 60)); then
    tail -n 20 "$place/container.log" "$place/health.log" >&2
    die "the image's command was not healthy within 60 s"
  fi
  sleep 0.5
done
say prove "started as $image_user; HEALTHCHECK (${health[*]}) succeeded after $((SECONDS - began)) s"

if [[ -n $photo ]]; then
  install -m 644 "$photo" "$root/tmp/photo.${photo##*.}"
  install -d -m 777 "$root/tmp/out"
  attached "${entrypoint[0]}" compress "/tmp/photo.${photo##*.}" --out /tmp/out --farm "${health[-1]}" >&2
  say prove "compressed $(basename "$photo"): $(find "$root/tmp/out" -name '*.webp' -o -name '*.avif' | wc -l) variants"
fi

began=$SECONDS
kill -"$stop_signal" "$first"
status=0
wait "$container" || status=$?
container=''
((status == 0)) || {
  tail -n 20 "$place/container.log" >&2
  die "SIG$stop_signal: the program ended with status $status"
}
say prove "SIG$stop_signal: ended with status 0 after $((SECONDS - began)) s"
