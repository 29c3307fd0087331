#!/usr/bin/env bash
# Runs benchmarks of test/bench, those with a server with a throw-away one each; all of them, also behind one that misses a target.
#   $1   the directory where graph_bench has been built; the tables are left there as Markdown, in figures.md
#   $2   where ci/npm_tools.sh has put the tools
#   $3   which: names of graph, server, schema, peers, schema_peers
#   $4…  options for those with a server
set -uo pipefail
cd "$(dirname "$0")/.." || exit
[ $# -ge 3 ] || { echo "usage: $0 build-directory tools-directory 'name...' [option...]" >&2; exit 2; }
build=$(cd "$1" && pwd)
tools=$2
read -ra benches <<<"$3"
shift 3
figures=$build/figures.md
rm -f "$figures"
failed=()
trap 'exit 130' INT

run() {
    echo "== $1"
    "${@:2}" || failed+=("$1")
}

# Google Benchmark's exit status says nothing of errors, which are the limits here.
graph() {
    "$build/graph_bench" --benchmark_out="$build/graph.json" && ! grep '"error_message"' "$build/graph.json"
}

for bench in "${benches[@]}"; do
    python=(/usr/bin/python3 "test/bench/${bench}_bench.py" --markdown "$figures" "$@")
    case $bench in
        graph) run graph graph ;;
        # What is asked here is what the processor does.
        server | schema) run "$bench" ci/with_server.sh "${python[@]}" ;;
        # And here what people wait for: what a commit costs them is part of it.
        peers | schema_peers) FSYNC=on run "$bench" ci/with_server.sh "${python[@]}" --tools "$tools" ;;
        *) echo "no benchmark is called $bench" >&2; failed+=("$bench") ;;
    esac
done
[ ! -e "$figures" ] || echo "the tables as Markdown: $figures"
[ ${#failed[@]} -eq 0 ] || { echo "failed, or targets missed: ${failed[*]}"; exit 1; }
