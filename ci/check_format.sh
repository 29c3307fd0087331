#!/usr/bin/env bash
# Whether clang-format would change anything.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files 'src/*.[ch]pp' 'test/*.[ch]pp' | xargs clang-format --dry-run -Werror
echo 'format: as it should be'
