"""Real servers on this machine, what is written into them, and what the archiver makes of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # `pictures` and `birdsite`, as pytest and `python -m` find them
