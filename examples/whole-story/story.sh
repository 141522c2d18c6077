#!/usr/bin/env bash
# One company, from the bounce to the next phase of DMARC: bash story.sh
#
# ZONELINT, PYTHON and NAMED may name the programs to use. Two name servers run on loopback while it
# is verified what is published; without BIND's named that step is left out. Every step prints what it
# runs; the script stops where a step does not end as it should.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
zonelint=${ZONELINT:-zonelint}
python=${PYTHON:-python3}
named=${NAMED:-$(PATH=$PATH:/usr/sbin command -v named || true)}
work=$(mktemp -d)
servers=()
cleanup() {
    for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap cleanup EXIT
mkdir "$work/dns" && cd "$work/dns"

say() { printf '\n### %s\n' "$*"; }
run() { printf '$ zonelint %s\n' "$*"; "$zonelint" "$@"; }
refused() { # refused ARGUMENTS: zonelint must find something
    local status=0
    run "$@" || status=$?
    [[ $status == 1 ]] || { echo "expected status 1, got $status" >&2; exit 1; }
}
commit() { git add -A && git -c user.name=story -c user.email=story@example.com commit -qm "$1"; }
free_port() {
    "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
serve() { # serve NAME PORT ZONEFILE: a name server of example.com, from now on
    local home=$work/$1
    mkdir -p "$home" && cp "$3" "$home/zone"
    cat >"$home/named.conf" <<CONF
options {
    directory "$home"; pid-file none; session-keyfile none; managed-keys-directory "$home";
    listen-on port $2 { 127.0.0.1; }; listen-on-v6 { none; };
    recursion no; empty-zones-enable no; dnssec-validation no;
};
controls { };
zone "example.com" { type primary; file "$home/zone"; };
CONF
    "$named" -g -n 1 -c "$home/named.conf" >"$home/log" 2>&1 &
    servers+=($!)
    for _ in $(seq 200); do
        grep -q ' running$' "$home/log" && return
        sleep 0.05
    done
    cat "$home/log" >&2
    exit 1
}

cp "$here/../microsoft365/before/"{example.com.zone,zonelint.toml} .
cp "$here/../roll-out/zonelint.lock" .
git init -q .
commit "the zone as it bounces"
cp example.com.zone "$work/old.zone"

say "Mail to Yahoo comes back: what the bounce says, what to do, the tickets"
run triage "$here/../bounces/microsoft365-to-yahoo.txt" --zones .

say "Every attempt, from the message trace"
run triage "$here/trace-detail.csv" --zones . --domain example.com

say "Where the domain stands"
run status example.com

say "The records that are declared and missing, written into the zone"
run propose --write
run check
commit "one SPF record, the DKIM names, DMARC that watches"

if [[ -n $named ]]; then
    say "Deployed: the first name server has it, the second is behind"
    first=$(free_port) second=$(free_port)
    serve ns1 "$first" example.com.zone
    serve ns2 "$second" "$work/old.zone"
    at=(--server "ns1.example.net=127.0.0.1:$first" --server "ns2.example.net=127.0.0.1:$second")
    refused verify example.com "${at[@]}" --no-resolver

    say "The second has caught up"
    kill "${servers[1]}" && wait "${servers[1]}" || true
    serve ns2 "$second" example.com.zone
    run verify example.com "${at[@]}" --no-resolver --wait 20
fi

say "14 days later: what the reports prove"
"$python" "$here/../roll-out/make_reports.py" reports --days 14 --aligned 99 --last 2026-11-20
sed -i '1i reports = ["reports"]' zonelint.toml
commit "the reports of two weeks"
run reports

say "The next phase, written and judged as a change"
run propose --write
run check --against HEAD
commit "the second phase"

say "Where the domain stands now"
run status example.com
