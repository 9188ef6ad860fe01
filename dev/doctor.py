"""`make doctor`: `python -m backend doctor` with the settings of `make run`."""

import sys

from backend.doctor.command import main
from backend.settings import EX_CONFIG, SettingsError
from dev.local import configure

if __name__ == "__main__":
    try:
        configure()
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(EX_CONFIG)
    sys.argv.insert(1, "doctor")
    sys.exit(main())
