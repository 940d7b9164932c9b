# shellcheck shell=bash
# The package list and what of it is missing, here or in a root.

# packages_in SECTION...: the names, one a line, sorted.
packages_in() {
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { name = substr($1, 2, length($1) - 2); on = index(wanted, " " name " "); next }
    on { for (i = 1; i <= NF; i++) print $i }' "$checkout/deploy/packages.txt" | LC_ALL=C sort -u
}

# missing_packages ROOT SECTION...: names of these sections that are not installed in ROOT ("/": this system).
missing_packages() {
  local within=()
  [[ $1 == / ]] || within=(chroot "$1")
  LC_ALL=C comm -23 <(packages_in "${@:2}") <(
    "${within[@]}" dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | LC_ALL=C sort -u
  )
}

# install_packages PACKAGE...: as root, in the system it runs in.
install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  # A fresh machine often runs its own unattended upgrade just then: wait for it.
  local patience=(-o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  apt-get "${patience[@]}" update
  apt-get "${patience[@]}" install -y --no-install-recommends "$@"
}

# A farm starts a nats-server of its own, a fleet an nginx. Debian's packages would also start one as a service, on a public port and
# at every boot, which nobody asked for by typing ./run; masked before it is installed, it never starts.
mask_service() { # NAME PORT RUNNER...
  local name=$1 port=$2 unit=/etc/systemd/system/$1.service
  shift 2
  if [[ ! -d /run/systemd/system || -e $unit || -L $unit ]]; then return; fi
  say setup "masking Debian's own $name.service, which would listen on port $port (undo: systemctl unmask $name)"
  "$@" ln -s /dev/null "$unit"
}

# install_here SECTION...: Debian 13 itself. Installs what is missing, and only that.
install_here() {
  local missing as_root=()
  missing=$(missing_packages / "$@" | paste -sd ' ')
  [[ -n $missing ]] || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing and only root can install them; as root run: apt-get install -y --no-install-recommends $missing"
    as_root=(sudo)
    # Asks for the password here, where it can be seen; a step's output goes to its log.
    sudo -v || die "packages are missing and sudo was refused; as root run: apt-get install -y --no-install-recommends $missing"
  fi
  if [[ " $missing " == *" nats-server "* ]]; then mask_service nats-server 4222 "${as_root[@]}"; fi
  if [[ " $missing " == *" nginx-light "* ]]; then mask_service nginx 80 "${as_root[@]}"; fi
  # shellcheck disable=SC2086 # one argument a package
  step setup "installing $(wc -w <<<"$missing") Debian packages" \
    "${as_root[@]}" bash -c "$(declare -f install_packages); install_packages \"\$@\"" bash $missing
}

# require_space DIR MIB WHAT
require_space() {
  local free_mib
  free_mib=$(df --output=avail -B1M "$1" | tail -n 1 | tr -d ' ')
  ((free_mib >= $2)) ||
    die "$(df --output=target "$1" | tail -n 1) has $free_mib MiB free and $3 take about $2 MiB: free some space, or name a folder on another disk with TINTYPE_CACHE=DIR"
}
