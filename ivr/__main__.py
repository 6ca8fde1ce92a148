"""``python -m ivr`` is ``auricula``."""

from ivr.cli import main

main()
