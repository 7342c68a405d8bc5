#!/usr/bin/env bash
# Load Northwind into a fresh instance at $DOUGONG_HOME, through the product's own import, and say what came in.
#
#   docs/examples/northwind/load.sh DATA_DIR
#
# The last line is for scripts: orders, lines, customers, the revenue computed two ways by reports of the product, and
# how every row of the eleven files is accounted for.
set -euo pipefail

data=$(cd "${1:?usage: load.sh DATA_DIR}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
dougong=${DOUGONG:-$root/.venv/bin/dougong}
export DOUGONG_HOME=${DOUGONG_HOME:-$PWD/northwind}
# The example's customer is another than that of the crm bundle: an instance of its own has only this bundle.
export DOUGONG_DEFINITIONS=$root/metadata

if [ -e "$DOUGONG_HOME/dougong.db" ]; then
  echo "There is an instance in $DOUGONG_HOME already; name another DOUGONG_HOME." >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DOUGONG_ADMIN_PASSWORD=${DOUGONG_ADMIN_PASSWORD:-northwind-$RANDOM$RANDOM} "$dougong" init >&2
"$dougong" apply "$here/metadata" >&2

rows=0
records=0
errors=0
import() { # object, file, map
  local said
  said=$("$dougong" import "$1" "$data/$2.csv" --map "$3" --errors "$work/$2.errors.csv" --json) || true
  printf '%-20s %s\n' "$2" "$(field "$said" rows) rows, $(field "$said" errors) with errors" >&2
  "$root/.venv/bin/python" - "$said" "$2" >&2 <<'PY'
import json, sys
for each in json.loads(sys.argv[1])["first_errors"]:
    print(f"  {sys.argv[2]}.csv row {each['row']}, column '{each['column']}': {each['value']!r} {each['message']}")
PY
  rows=$((rows + $(field "$said" rows)))
  records=$((records + $(field "$said" created) + $(field "$said" updated) + $(field "$said" unchanged)))
  errors=$((errors + $(field "$said" errors)))
}
field() { "$root/.venv/bin/python" -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

import region regions regions
import category categories categories
import supplier suppliers suppliers
import shipper shippers shippers
import customer customers customers
import product products products
import employee employees employees
import territory territories territories
import employee_territory employee-territories employee_territories
import order orders orders
import order_line order-details order_details

value() { # report, measure
  "$dougong" report "$1" --json | "$root/.venv/bin/python" -c '
import json, sys
data = json.load(sys.stdin)
print(data["rows"][0][sys.argv[1]])' "$2"
}
echo "orders=$(value count_orders orders) lines=$(value count_lines lines) customers=$(value count_customers customers)" \
  "revenue=$(value revenue revenue) revenue_by_line=$(value revenue_by_line revenue)" \
  "unshipped=$(value unshipped orders) ship_countries=$(value ship_countries countries)" \
  "rows_in=$rows records=$records errors=$errors unexplained=$((rows - records - errors))"
