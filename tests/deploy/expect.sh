# shellcheck shell=bash
# Assertions for the shell tests: each failed one is told and counted, and `finish` ends with the verdict.

failures=0

# expect WHAT WANTED GOT
expect() {
  [[ $2 == "$3" ]] && return
  failures=$((failures + 1))
  printf 'FAILED %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}

# expect_text WHAT WANTED-PART GOT
expect_text() {
  [[ $3 == *"$2"* ]] && return
  failures=$((failures + 1))
  printf 'FAILED %s\n  wanted in it: %s\n  got:          %s\n' "$1" "$2" "$3"
}

finish() {
  ((failures == 0)) || printf '%d expectations failed\n' "$failures"
  exit $((failures > 0))
}
