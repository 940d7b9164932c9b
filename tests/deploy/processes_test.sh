#!/usr/bin/env bash
# The processes of a fleet on one machine: started, told apart from others, and what is said of one that does not come up.
set -uo pipefail
tests=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/deploy/expect.sh
. "$tests/expect.sh"
dir=$(mktemp -d)
trap 'end_processes; rm -rf "$dir"' EXIT
# shellcheck source=deploy/setup.sh
. "$tests/../../deploy/setup.sh"
# shellcheck source=deploy/cluster.d/processes.sh
. "$tests/../../deploy/cluster.d/processes.sh"
# Here nobody has a host of his own.
# shellcheck disable=SC2034
entering() { enter=(); }
set +e
mkdir "$dir/run"

launch g1 bash -c "echo ready >$dir/g1/ready; exec -a $dir/run sleep 60"
(await_ready g1 10)
expect 'one that is ready' 0 $?
pid=$(pid_of g1)
expect 'runs under its pid' 0 "$(kill -0 "$pid" && echo $?)"

launch g2 bash -c "echo 'no such port in $dir'; exit 3"
began=$SECONDS
said=$( (await_ready g2 30) 2>&1)
expect 'one that ends is an error' 1 $?
expect 'found out at once' yes "$( ((SECONDS - began < 15)) && echo yes)"
expect_text 'it is said that it ended' 'g2 ended before it was ready' "$said"
expect_text 'and what it said' 'no such port in' "$said"

launch n1 bash -c "echo 'waiting for $dir'; exec -a $dir/run sleep 60"
said=$( (await_ready n1 3) 2>&1)
expect_text 'one that takes too long' 'n1 was not ready within 3 s' "$said"
expect_text 'and what it said until then' 'waiting for' "$said"

# A pid that another process has by now.
printf '%s\n' $$ >"$dir/run/n2.pid"
expect 'a stranger is not ours' '' "$(pid_of n2)"

end_processes
expect 'ended' '' "$(pid_of g1)$(pid_of n1)"
finish
