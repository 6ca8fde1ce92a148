"""A supervised ``auricula`` command: it ends when its supervisor does, however that ended."""

import sys

from ivr.process import die_with_parent, raise_file_limit

if __name__ == "__main__":
    die_with_parent()
    raise_file_limit()
    from ivr.cli import main

    sys.argv[0] = "auricula"
    main()
