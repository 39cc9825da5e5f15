"""Graph components of our Rasa pipeline.

The spelling rules are shared with bot/ (one spelling on both sides of the wire), so its folder is put on the path here;
bot.core.normalise needs nothing but the standard library.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

COMPRESS = (
    "zlib",
    3,
)  # of what components keep; Rasa packs with a slow gzip, which hurries through what is packed already
