"""The application as a server loads it: `uvicorn backend.main:app`."""

import gc
import logging
import sys

gc.disable()  # collections while modules load find almost nothing and slow the start by 8 %

from fastapi_okta_auth import PublicRouteError, PublicRoutes

from backend.app import create_app
from backend.observability.logging import configure_logging
from backend.server.replay_store import command_line_workers, require_shared_replay_store
from backend.settings import EX_CONFIG, Settings, misspelled_variables

settings = Settings.load_or_exit()
require_shared_replay_store(settings, command_line_workers())
configure_logging(settings)
for line in misspelled_variables():
    logging.getLogger(__name__).warning(line)
app = create_app(settings)

try:
    PublicRoutes(app.routes)
except PublicRouteError as error:
    print(error, file=sys.stderr)
    raise SystemExit(EX_CONFIG) from None

gc.freeze()  # later collections, and the one at exit, skip the modules and routes
gc.enable()
