"""Write aggregate reports as a receiver would: DAYS of them, ALIGNED percent of the mail aligned.

    python make_reports.py FOLDER --days 14 --aligned 99 --last 2026-11-20

The aligned mail comes from Microsoft 365 (signed) and from a newsletter service that only the SPF
record lets send; the rest from a host that nobody declared.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

OFFICE = "40.92.0.10"
NEWSLETTER = "198.51.100.25"
STRANGER = "203.0.113.66"
A_DAY = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--aligned", type=int, default=99)
    parser.add_argument("--last", type=datetime.date.fromisoformat, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    aligned = A_DAY * options.aligned // 100
    for number in range(options.days):
        day = options.last - datetime.timedelta(days=number)
        rows = [
            row(OFFICE, aligned - 100, dkim="pass", spf="pass"),
            row(NEWSLETTER, 100, dkim="fail", spf="pass"),
            row(STRANGER, A_DAY - aligned, dkim="fail", spf="fail"),
        ]
        begin = int(
            datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp()
        )
        text = report(begin, rows)
        (options.folder / f"receiver.example!example.com!{begin}!{begin + 86399}.xml").write_text(
            text
        )


def report(begin: int, rows: list[str]) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <report_metadata>
    <org_name>receiver.example</org_name>
    <email>reports@receiver.example</email>
    <report_id>{begin}</report_id>
    <date_range><begin>{begin}</begin><end>{begin + 86399}</end></date_range>
  </report_metadata>
  <policy_published>
    <domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct>
  </policy_published>
{"".join(rows)}</feedback>
"""


def row(address: str, count: int, *, dkim: str, spf: str) -> str:
    if not count:
        return ""
    signature = (
        "<dkim><domain>example.com</domain><selector>selector1</selector>"
        f"<result>{dkim}</result></dkim>"
    )
    return f"""  <record>
    <row>
      <source_ip>{address}</source_ip><count>{count}</count>
      <policy_evaluated>
        <disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>
      </policy_evaluated>
    </row>
    <identifiers>
      <header_from>example.com</header_from><envelope_from>example.com</envelope_from>
    </identifiers>
    <auth_results>
      {signature if dkim == "pass" else ""}
      <spf><domain>example.com</domain><result>{spf}</result></spf>
    </auth_results>
  </record>
"""


if __name__ == "__main__":
    main()
