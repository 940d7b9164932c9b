# shellcheck shell=bash
# The Debian 13 root that stands in for the host where the host is something else.

suite=trixie

# The name changes with the list, so that a root never has less than the list says, and a checkout of another age keeps its own.
root_dir() {
  printf '%s/root-%s' "$cache" "$( (uname -m; packages_in runtime run) | sha256sum | cut -c1-12)"
}

# mirror_lines: the apt sources of the root, one a line; nothing when mmdebstrap's own default is to be used.
mirror_lines() {
  if [[ -n ${TINTYPE_MIRROR:-} ]]; then
    printf 'deb %s %s main\n' "$TINTYPE_MIRROR" "$suite"
  elif [[ $host_id == debian ]]; then
    # The mirror that this Debian host was given, with the updates and security suites where it has them.
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)' 2>/dev/null |
      awk -v own="$host_codename" -v suite="$suite" '
        $1 ~ /^https?:/ && $3 == "main" && $4 == "Packages" && index($2, own) == 1 &&
            substr($2, length(own) + 1) ~ /^(|-updates|-security)$/ {
          print "deb", $1, suite substr($2, length(own) + 1), "main"
        }' | sort -u
  fi
}

# install_on_host PACKAGE...: the two tools that make a root, on a host that has apt.
install_on_host() {
  command -v apt-get >/dev/null ||
    die "$host_name has no $*: install mmdebstrap and Debian's archive keyring, or use a Debian or Ubuntu machine"
  step setup "installing $* on this $host_name" install_packages "$@"
}

require_root_tools() {
  local lacking=()
  command -v mmdebstrap >/dev/null || lacking+=(mmdebstrap)
  [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || lacking+=(debian-archive-keyring)
  ((${#lacking[@]} == 0)) || install_on_host "${lacking[@]}"
}

# Before the minutes that a root takes: what a container without the right to mount would only say afterwards.
require_mounts() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount --propagation private sh -c 'mount --bind "$1" "$1"' sh "$cache" 2>/dev/null ||
    die "this $host_name may not mount, which the Debian 13 root needs: give the container the right (CAP_SYS_ADMIN), or use a Debian 13 machine or container, where nothing is mounted"
}

# make_root ROOT: whole or not at all, whatever ends it. Runs in a subshell of its own.
make_root() {
  local root=$1 partial=$1.partial mirrors=() proxy options=()
  rm -rf --one-file-system "$partial"
  # shellcheck disable=SC2064 # the name of now
  trap "rm -rf --one-file-system $(printf '%q' "$partial")" EXIT
  mapfile -t mirrors < <(mirror_lines)
  proxy=$(apt-config shell p Acquire::http::Proxy 2>/dev/null | sed "s/^p='\(.*\)'$/\1/")
  [[ -z $proxy ]] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
  # force-unsafe-io: a root that a power cut spoils is .partial still, and is made again. A mount namespace of its own, so that
  # a killed mmdebstrap leaves nothing mounted.
  unshare --mount --propagation private mmdebstrap --variant=minbase --mode=root --include="$(packages_in runtime run | paste -sd ,)" \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "${options[@]}" "$suite" "$partial" "${mirrors[@]}"
  sync -f "$partial"
  mv -T "$partial" "$root"
}

# ensure_root ROOT SECTION...: there, whole, and with these sections; one maker at a time.
ensure_root() {
  local root=$1 missing lock others
  if [[ -d $root ]] && [[ -z $(missing_packages "$root" "${@:2}") ]]; then return 0; fi
  exec {lock}>"$cache/lock"
  if ! flock --nonblock "$lock"; then
    say setup "waiting for another run that is setting up"
    flock "$lock"
  fi
  if [[ ! -d $root ]]; then
    require_space "$cache" "$space_for_root_mib" "the Debian 13 root and its download"
    require_root_tools
    others=$(find "$cache" -mindepth 1 -maxdepth 1 -name 'root-*' ! -name '*.partial' | wc -l)
    ((others == 0)) ||
      say setup "the package list has changed, so a new root is made; deploy/setup.sh clean deletes the ones that are not used any more"
    step setup "making a Debian 13 root in $root" make_root "$root"
  fi
  missing=$(missing_packages "$root" "${@:2}" | paste -sd ' ')
  if [[ -n $missing ]]; then
    require_space "$cache" "$space_for_packages_mib" "the missing packages"
    # shellcheck disable=SC2086 # one argument a package
    step setup "installing $(wc -w <<<"$missing") more packages in the Debian 13 root" \
      enter_root "$root" rw 0 0 bash -c "$(declare -f install_packages); install_packages \"\$@\"; apt-get clean" bash $missing
  fi
  exec {lock}>&-
}

root_in_use() {
  local each
  for each in /proc/[0-9]*/root; do [[ $each -ef $1 ]] && return 0; done
  return 1
}

# clean_roots: deletes every root but the one the list names now; none that a running program stands in.
clean_roots() {
  local each current deleted=0 lock
  [[ -d $cache ]] || return 0
  current=$(root_dir)
  exec {lock}>"$cache/lock"
  flock --nonblock "$lock" || die "another run is setting up: start this again when it has finished"
  for each in "$cache"/root-*; do
    [[ -d $each && $each != "$current" ]] || continue
    if root_in_use "$each"; then
      say setup "kept $each: a program still runs in it"
      continue
    fi
    step setup "deleting $each" rm -rf --one-file-system "$each"
    deleted=$((deleted + 1))
  done
  exec {lock}>&-
  say setup "$deleted old roots deleted; the one in use and the compiler cache in $cache stay"
}
