# `docker build .` builds the API, `docker build --target local-okta .` the local Okta. Nothing of the local Okta
# gets into the API's image.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS base
WORKDIR /app

FROM base AS dependencies
COPY requirements/runtime.txt requirements/
# Only wheels, because the image has no compiler.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install \
       --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/runtime.txt

# flit_core, which builds the package, is in the lock file.
COPY packages/fastapi-okta-auth/ packages/fastapi-okta-auth/
RUN python -m pip --python /opt/venv/bin/python install \
    --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation ./packages/fastapi-okta-auth

FROM base AS local-okta-dependencies
COPY requirements/dev.txt requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install \
       --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
COPY packages/local-okta/ packages/local-okta/
RUN python -m pip --python /opt/venv/bin/python install \
    --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation ./packages/local-okta

FROM base AS runtime
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && rm -r /usr/local/lib/python3.*/ensurepip \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001

# The health checks are bash, because starting Python costs twenty times the CPU time.
FROM runtime AS local-okta
LABEL org.opencontainers.image.title="Local Okta, for development only"
COPY --from=local-okta-dependencies /opt/venv /opt/venv
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s CMD ["bash", "-c", "\
exec 3<>/dev/tcp/127.0.0.1/${OKTA_PORT:-9000} && printf 'GET /oauth2/default/v1/keys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 \
&& read -r _ status _ <&3 && [ $status = 200 ]"]
CMD ["local-okta", "--host", "0.0.0.0"]

FROM runtime AS production
ENV PORT=8000
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=dependencies /opt/venv /opt/venv
# Modes for everybody, because a clone under umask 077 has files that only their owner can read.
COPY --chmod=0644 gunicorn.conf.py ./
COPY --chmod=0755 backend/ backend/
EXPOSE 8000
# /readyz and not /healthz: an update that cannot fetch signing keys must not succeed.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s CMD ["bash", "-c", "\
exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 \
&& read -r _ status _ <&3 && [ $status = 200 ]"]
# Not `gunicorn`, which ends with a traceback if it cannot parse WEB_CONCURRENCY.
CMD ["python", "-m", "backend.server"]
