"""What pyproject.toml cannot say: the wheel holds an index of the rules, made while it is built."""

import os
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithIndex(build_py):
    """Copies the modules, and has them write down their rules.

    An editable install has no index: what runs are the files of the checkout.
    """

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            command = [sys.executable, "-m", "zonelint.rules.core.write_index"]
            path = os.pathsep.join((str(Path(self.build_lib).resolve()), *sys.path))
            environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
            subprocess.run(command, env=environment, check=True)


setup(cmdclass={"build_py": BuildWithIndex})
