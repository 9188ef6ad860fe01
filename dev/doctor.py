"""`make doctor`: the doctor with the settings of `make run`."""

import os
import sys

from fastapi_okta_auth import SettingsError
from fastapi_okta_auth.doctor.__main__ import main

from backend.settings import EX_CONFIG, Settings
from dev.local import configure

if __name__ == "__main__":
    try:
        configure()
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(EX_CONFIG)
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # the report is what to read
    sys.exit(main(["--app", "backend.main:app", *sys.argv[1:]], Settings))
