"""What pip-audit found, told in lines: `python -m tools.audited REPORT`.

REPORT is its JSON. Exit status: 0 nothing is known, or nothing could be audited, which is
said; 1 something is vulnerable.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(report: Path) -> int:
    try:
        held = json.loads(report.read_text("utf-8"))
        audited = [each for each in held["dependencies"] if "version" in each]
    except (OSError, ValueError, KeyError, TypeError):
        print("the vulnerability service cannot be reached: the dependencies are not audited")
        return 0
    skipped = len(held["dependencies"]) - len(audited)
    if not audited:
        print(
            f"the vulnerability service knows none of {skipped} distributions: nothing is audited"
        )
        return 0
    vulnerable = [each for each in audited if each.get("vulns")]
    for each in vulnerable:
        for found in each["vulns"]:
            fixed = ", ".join(found.get("fix_versions", ())) or "no version yet"
            print(f"{each['name']} {each['version']}: {found['id']}, fixed in {fixed}")
    print(
        f"{len(audited)} distributions audited, {len(vulnerable)} with known vulnerabilities, "
        f"{skipped} not known to the service"
    )
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
