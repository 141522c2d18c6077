"""The process that commands are copies of, until its input ends: `… tests.warm.serve SOCKET`."""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import re
import select
import signal
import socket
import sys
import threading
from importlib import import_module, metadata
from pathlib import Path

from click.testing import CliRunner

import zonelint
from tests.warm.ask import LENGTH
from zonelint import grammars, main, providers, rules


def scripts() -> dict[str, metadata.EntryPoint]:
    """The scripts, with all imported, read and compiled that they begin with, but their modules:
    by these zonelint knows which of octoDNS's commands runs."""
    for package in (zonelint, grammars, rules, providers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"__main__|write_|pulumi", module.name):
                import_module(module.name)
    for name in ("octodns_bind", "octodns.manager", "octodns.provider.yaml"):
        import_module(name)
    CliRunner().invoke(main.zonelint, ["check", "examples/microsoft365/before"])
    found = metadata.entry_points(group="console_scripts")
    return {each.name: each for each in found}


def serve(address: str) -> str | None:
    """Make a copy for each that asks. What a copy has to run; None at the end."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        copies = set()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return None
            connection, _ = listener.accept()
            with connection:
                copy = os.fork()
                if not copy:
                    listener.close()
                    return become(connection)
            copies = {each for each in copies | {copy} if not os.waitpid(each, os.WNOHANG)[0]}


def become(connection: socket.socket) -> str:
    """Fork once more: one waits and tells how it ended, the other becomes what was asked for."""
    octets, streams, _, _ = socket.recv_fds(connection, LENGTH, 3)
    with connection.makefile("rb") as asked:
        told = asked.read(int.from_bytes(octets, "big"))
    folder, environment, [script, *arguments] = json.loads(told)
    pid = os.fork()
    if pid:
        for stream in streams:
            os.close(stream)
        wait(connection, pid)
    connection.close()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(streams[number], number)
        os.close(streams[number])
        old = getattr(sys, name)  # which knows what was there, a pipe or a file
        buffering = 1 if name == "stderr" else -1
        new = open(number, old.mode, buffering, old.encoding, old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, new)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    place = Path(sys.executable).with_name(script)
    sys.argv = [str(place), *arguments]
    sys.path[0] = str(place.parent)
    return str(script)


def wait(connection: socket.socket, pid: int) -> None:
    """Tell the command's status once it has ended; end it where nobody waits any more."""
    ended = os.pidfd_open(pid)
    ready, _, _ = select.select([connection, ended], [], [])
    if connection in ready:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if connection not in ready:
        connection.send(bytes([status if status >= 0 else 128 - status]))
    os._exit(0)


def run(script: metadata.EntryPoint) -> None:
    """Run a script to its end, but leave the rest to the system: a copy has much to take down."""
    status: object = 1
    try:
        status = script.load()()
    except SystemExit as error:
        status = error.code
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    if isinstance(status, str):
        print(status, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    known = scripts()
    gc.collect()
    gc.freeze()  # or a copy's collector would write to all of it
    asked = serve(sys.argv[1])
    if asked is not None:
        run(known[asked])
