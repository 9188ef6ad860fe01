"""The application as a server loads it: `uvicorn backend.main:app`."""

import logging

from backend.app import create_app
from backend.observability.logging import configure_logging
from backend.settings import Settings, misspelled_variables

settings = Settings.load_or_exit()
configure_logging(settings)
for line in misspelled_variables():
    logging.getLogger(__name__).warning(line)
app = create_app(settings)
