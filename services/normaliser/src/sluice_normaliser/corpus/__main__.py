"""``python -m sluice_normaliser.corpus FOLDER``."""

import sys

from sluice_normaliser.corpus.command import main

sys.exit(main())
