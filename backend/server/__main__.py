"""`python -m backend.server`: check the server's settings, then run gunicorn.

gunicorn parses WEB_CONCURRENCY and FORWARDED_ALLOW_IPS before it reads gunicorn.conf.py, and
ends with a traceback if it cannot.
"""

from backend.server.settings import ServerSettings
from backend.settings import load_or_exit

if __name__ == "__main__":
    load_or_exit(ServerSettings)

    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]  # gunicorn has no annotations

    run(prog="gunicorn")
