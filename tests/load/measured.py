"""What the operating system says of a group of processes, and what machine this is. Linux only."""

import os
import platform
import re
from pathlib import Path


def resident_megabytes(pid: int) -> float:
    """Memory in use by a process and all its descendants: proportional set size, so that shared pages count once."""
    return sum(_pss(process) for process in _tree(pid)) / 1000


def _tree(pid: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    match = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(match[1]) if match else 0


def machine() -> str:
    """Processor, cores, memory, system: what a table of measurements must say."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", info, re.MULTILINE)
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {gib:.0f} GiB, Linux, Python {python}"


def processor_seconds(pid: int) -> float:
    """Processor time that a process and its living descendants have used."""
    ticks = 0
    for process in _tree(pid):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
