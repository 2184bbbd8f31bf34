"""
The programs in C: built when they are needed.
"""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent

LIBRARIES = {"sink": ("nghttp2", "ssl", "crypto"), "component": ("expat", "crypto")}


class CannotBuild(Exception):
    """
    A program cannot be built here; the text says why, and what may be missing.
    """


def build(name: str, folder: Path) -> Path:
    """
    The program of this name, from ``bench/NAME.c``.

    :param folder: where it goes; what is there already and newer than its source is taken as it is.
    """
    source, program = HERE / f"{name}.c", folder / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    folder.mkdir(parents=True, exist_ok=True)
    libraries = [f"-l{library}" for library in LIBRARIES[name]]
    try:
        done = subprocess.run(
            ["cc", "-O2", "-o", str(program), str(source), *libraries], capture_output=True, text=True
        )
    except FileNotFoundError:
        raise CannotBuild("there is no C compiler: apt-get install gcc libc6-dev") from None
    if done.returncode:
        raise CannotBuild(f"{done.stderr}\n{name}.c cannot be built; is something of {LIBRARIES[name]} missing? On "
                          "Debian: apt-get install libnghttp2-dev libssl-dev libexpat1-dev")
    return program
