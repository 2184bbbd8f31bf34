"""
Files that the pages' configurations name, made up.
"""

import re
from pathlib import Path

from tests.standins.applekeys import writeKey
from tests.standins.certificates import CA, writeServiceAccount
from tests.standins.huawei import writeHuaweiAccount

_PATH = re.compile(r'"(?P<prefix>[a-z+]*:///)?(?P<path>/(?:etc|var/lib)/[^"]+)"')


def standing(text: str, folder: Path) -> str:
    """
    A configuration, with files of this folder in place of those that only an operator has.
    """
    issued = CA(folder / "ca").issue(*(set(re.findall(r'"([a-z.]+\.example(?:\.[a-z]+)?)"', text)) or {"example.org"}))

    def make(found: re.Match[str]) -> str:
        if found["prefix"]:
            return f'"{found["prefix"]}{folder}/{Path(found["path"]).name}"'
        path = folder / found["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "huawei.json":
            writeHuaweiAccount(path)
        elif path.name.endswith(".json"):
            writeServiceAccount(path, "https://oauth2.googleapis.com/token")
        elif path.name.endswith(".p8"):
            writeKey(path)
        elif "priv" in path.name or path.name.endswith(".key"):
            path.write_bytes(issued.key.read_bytes())
        elif path.name.endswith((".pem", ".crt")):
            path.write_bytes(issued.certificate.read_bytes())
        elif path.name == "webhook.secret":
            path.write_text("at-least-sixteen-characters\n")
        elif found["path"].startswith("/etc/"):
            path.write_text("choose-one\n")
        return f'"{path}"'

    return _PATH.sub(make, text)
