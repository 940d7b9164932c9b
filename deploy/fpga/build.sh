#!/bin/sh
# Builds tintype-CARD.xclbin with Vitis: deploy/fpga/build.sh u50|u200|u250 [hw|hw_emu] [FOLDER]
# Not run here: there was neither Vitis nor a card.
set -eu
card=${1:?which card: u50, u200 or u250}
target=${2:-hw}
out=${3:-build/fpga-$card-$target}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ -f "$here/$card.cfg" ] || { echo "there is no connectivity for card $card: use u50, u200 or u250" >&2; exit 2; }
command -v v++ >/dev/null || { echo "v++ was not found: install Vitis and source its settings64.sh" >&2; exit 1; }
mkdir -p "$out"
for kernel in jpeg_plane halve_plane resize_plane vp8_macroblocks; do
  v++ -c -t "$target" --config "$here/$card.cfg" -k "$kernel" -I "$root" --hls.clock "300000000:$kernel" \
      -o "$out/$kernel.xo" "$root/kernels/hls/$kernel.cpp"
done
v++ -l -t "$target" --config "$here/$card.cfg" --kernel_frequency 300 -o "$out/tintype-$card.xclbin" "$out"/*.xo
echo "$out/tintype-$card.xclbin"
