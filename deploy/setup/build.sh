# shellcheck shell=bash
# Building with CMake's presets, into build/PRESET of the checkout.

# Compiler and libraries that are installed, in one word: a build folder made with others is configured anew.
environment_id() {
  # shellcheck disable=SC2046 # one argument a package
  { dpkg-query -W -f '${Package} ${Version}\n' $(packages_in run test fleet cluster) 2>/dev/null || true; } | sha256sum | cut -c1-16
}

# One compiler for each core, but no more than memory holds: about 1.2 GiB each at worst.
build_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1258291) }' /proc/meminfo)
  ((by_memory >= 1)) || by_memory=1
  printf '%d' $((cores < by_memory ? cores : by_memory))
}

# build PRESET [TARGET...]: configures where needed and builds these targets; silent when all is up to date.
build() {
  local preset=$1 dir=$checkout/build/$1 targets=("${@:2}") options=() id lock
  mkdir -p "$dir" 2>/dev/null || true
  [[ -w $dir ]] ||
    die "$dir cannot be written by user $EUID: start this as the owner of $checkout, or copy it to a place of your own"
  # Compiled once for every checkout of this person: ./test in a fresh clone finds what ./run of another compiled.
  export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$checkout CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}
  exec {lock}>"$dir/.lock"
  if ! flock --nonblock "$lock"; then
    say build "waiting for another build in $dir"
    flock "$lock"
  fi
  # Tests and benches are in a build folder as soon as this system has the packages for them.
  if [[ -z $(missing_packages / test) ]]; then
    options=(-DTINTYPE_TESTS=ON)
  else
    options=(-DTINTYPE_TESTS=OFF -DTINTYPE_BENCHES=OFF)
  fi
  id="$(environment_id) ${options[*]}"
  if [[ $id != "$(cat "$dir/.environment" 2>/dev/null)" || ! -f $dir/build.ninja || $checkout/CMakePresets.json -nt $dir/build.ninja ]]; then
    rm -f "$dir/.environment"
    step build "configuring $preset" configure "$preset" "${options[@]}"
    printf '%s\n' "$id" >"$dir/.environment"
  elif ! ninja -C "$dir" -n build.ninja 2>/dev/null | grep -q 'no work to do'; then
    # Now, not while building: callers choose targets from the tests that this folder knows of.
    step build "configuring $preset again" ninja -C "$dir" build.ninja
  fi
  if ((${#targets[@]} > 0)) && ! ninja -C "$dir" -n "${targets[@]}" 2>/dev/null | grep -q 'no work to do'; then
    step build "building $preset: ${targets[*]}" \
      cmake --build "$dir" --parallel "$(build_jobs)" --target "${targets[@]}"
  fi
  exec {lock}>&-
}

configure() {
  cd "$checkout" || return
  cmake --preset "$1" --fresh "${@:2}"
}

# find_photos: names photos and hostile files for tests and benches, where nobody did and a folder `shared` beside the checkout has
# them. Without, they make their own.
find_photos() {
  local beside
  beside=$(readlink -m "$checkout/../shared")
  if [[ -z ${TINTYPE_PHOTOS:-} && -d $beside/photos ]]; then export TINTYPE_PHOTOS=$beside/photos; fi
  if [[ -z ${TINTYPE_BAD:-} && -d $beside/bad ]]; then export TINTYPE_BAD=$beside/bad; fi
}
