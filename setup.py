"""What pyproject.toml cannot say: the wheel holds what is made while it is built."""

import os
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

MADE_BY = ("zonelint.rules.core.write_index", "zonelint.grammars.write_tables")
"""Modules that write what a run would otherwise work out when it starts."""


class BuildWithTables(build_py):
    """Copies the modules, and has them write down the rules and the tables of the parsers.

    An editable install has neither: what runs are the files of the checkout.
    """

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        path = os.pathsep.join((str(Path(self.build_lib).resolve()), *sys.path))
        environment = {
            **os.environ,
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",  # or Lark's tables are in another order each time
        }
        for module in MADE_BY:
            subprocess.run([sys.executable, "-m", module], env=environment, check=True)


setup(cmdclass={"build_py": BuildWithTables})
