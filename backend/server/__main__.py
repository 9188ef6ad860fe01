"""`python -m backend.server`: gunicorn, after a check of what gunicorn reads before gunicorn.conf.py."""

import os

from backend.server.settings import load_or_exit

if __name__ == "__main__":
    # gunicorn reads this on import; without digits alone it ends with a traceback.
    os.environ["WEB_CONCURRENCY"] = str(load_or_exit().web_concurrency)

    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]  # gunicorn has no annotations

    run(prog="gunicorn")
