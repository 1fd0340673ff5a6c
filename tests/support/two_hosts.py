"""Run one command on each of two emulated hosts: ``two_hosts.py SECONDS COMMAND COMMAND``.

To be started in namespaces of its own (see ``test_hosts.py``), whose root it then is. Each host
has its own network, with the address 10.77.0.1 or 10.77.0.2 and a cable to the other, and its own
name, ``one`` or ``two``. Nothing leads out of the two. Exits with the first command's failure, or
with 124 where time is up; whatever is still running ends with the namespace of processes.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOSTS = {"one": "10.77.0.1", "two": "10.77.0.2"}


def ip(*words: str) -> None:
    """``ip`` from iproute2; raises CalledProcessError with its message on stderr."""
    subprocess.run(["ip", *words], check=True)


def build() -> None:
    """Two networks and the cable between them; names for both in /etc/hosts."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    table = "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in HOSTS.items())
    with tempfile.NamedTemporaryFile("w", delete=False, dir="/run") as file:
        file.write(table)
    Path(file.name).chmod(0o644)
    subprocess.run(["mount", "--bind", file.name, "/etc/hosts"], check=True)
    for name in HOSTS:
        ip("netns", "add", name)
    ip("link", "add", "cable1", "netns", "one", "type", "veth", "peer", "cable2", "netns", "two")
    for number, (name, address) in enumerate(HOSTS.items(), start=1):
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "addr", "add", f"{address}/24", "dev", f"cable{number}")
        ip("-n", name, "link", "set", f"cable{number}", "up")


def on(host: str, command: str) -> subprocess.Popen:
    """Start a shell command on a host."""
    inside = f"hostname {host} && exec sh -c '{command}'"
    return subprocess.Popen(["nsenter", f"--net=/run/netns/{host}", "unshare", "--uts", "sh", "-c", inside])


def main(seconds: float, commands: list[str]) -> int:
    """Run both commands to their end."""
    build()
    running = [on(host, command) for host, command in zip(HOSTS, commands, strict=True)]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        codes = [process.poll() for process in running]
        if failed := [code for code in codes if code]:
            return failed[0]
        if None not in codes:
            return 0
        time.sleep(0.1)
    return 124


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
