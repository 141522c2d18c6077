#!/usr/bin/env bash
# From bouncing mail to p=reject, in a Git repository of its own: sh story.sh
#
# ZONELINT and PYTHON may name the programs to use. Every step prints what it runs; the script
# stops where a step does not end as it should.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
zonelint=${ZONELINT:-zonelint}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n### %s\n' "$*"; }
run() { printf '$ zonelint %s\n' "$*"; "$zonelint" "$@"; }
refused() { # refused ARGUMENTS: zonelint must find something
    local status=0
    run "$@" || status=$?
    [[ $status == 1 ]] || { echo "expected findings, got exit status $status" >&2; exit 1; }
}
commit() { git add -A && git -c user.name=story -c user.email=story@example.com commit -qm "$1"; }

say "The zone as it bounces"
cp "$here/../microsoft365/before/example.com.zone" .
cp "$here/../microsoft365/before/zonelint.toml" .
cp "$here/zonelint.lock" .
git init -q .
commit "the zone as it bounces"
refused check --min-severity warning --statistics

say "What zonelint.toml still lacks, written into the zone"
run propose --write
run check --min-severity warning
commit "one SPF record, the DKIM names, DMARC that watches"

say "A newsletter service joins"
sed -i 's/include:spf.protection.outlook.com/include:_spf.news.example &/' example.com.zone
sed -i 's/^senders = .*/senders = ["microsoft365", "newsletter"]/' zonelint.toml
cat >>zonelint.toml <<'TOML'

[senders.newsletter]
name = "Newsletter"
spf = { place = "domain", includes = ["_spf.news.example"] }
TOML
run check --min-severity warning --against HEAD
commit "the newsletter service may send"

say "Somebody jumps to p=reject"
sed -i 's/p=none/p=reject/' example.com.zone
commit "reject at once"
refused check --min-severity warning --against HEAD~1
git reset -q --hard HEAD~1

say "14 days of reports, 99 % aligned: the next phase is offered"
"$python" "$here/make_reports.py" reports-99 --days 14 --aligned 99 --last 2026-11-20
run reports reports-99
sed -i '1i reports = ["reports-99"]' zonelint.toml
run propose

say "The same with 90 %: it is not, and the source is named"
"$python" "$here/make_reports.py" reports-90 --days 14 --aligned 90 --last 2026-11-20
sed -i 's/reports-99/reports-90/' zonelint.toml
run propose
run reports reports-90

say "A change drops the newsletter's include: what it would lose"
sed -i 's/reports-90/reports-99/' zonelint.toml
commit "the reports of two weeks"
sed -i 's/include:_spf.news.example //' example.com.zone
refused check --min-severity warning --against HEAD
