"""
How the documentation is built: ``make docs``, or as a part of ``make test``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pushsvc import __version__  # noqa: E402

project = "pushsvc"
author = "the pushsvc authors"
copyright = author
release = version = __version__

extensions = ["myst_parser", "docs.generators.pages"]
exclude_patterns = ["_build", "generators"]
myst_heading_anchors = 3
# Configurations and transcripts are tried by tests, not by a highlighter that does not know Prosody's dialect of Lua.
highlight_language = "text"

html_theme = "furo"
html_title = f"pushsvc {__version__}"
html_show_copyright = False
