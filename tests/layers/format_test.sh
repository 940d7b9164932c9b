#!/usr/bin/env bash
# Every source is laid out as .clang-format says: format_test.sh CLANG_FORMAT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
find bench cli codec core gateway kernels scheduler storage_client tests workers \( -name '*.h' -o -name '*.cpp' \) -print0 |
  xargs -0 -P "$(nproc)" -n 200 "$1" --dry-run -Werror || {
  echo "lay out what is named above by clang-format -i FILE" >&2
  exit 1
}
