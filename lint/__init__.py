"""zonelint: find in DNS zones what makes mail bounce or a domain spoofable.

This module is imported before every other of the project, so it imports nothing itself;
its public names are looked up when they are asked for.
"""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Look up a public name of the package: `__version__`, the installed version."""
    if name == "__version__":
        from importlib.metadata import version

        found = version("zonelint")
        globals()[name] = found  # it is looked up in the files of the installation
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
