# The API is the last stage, so that `docker build .` builds it. The local Okta is
# `docker build --target local-okta .`; no stage of the API uses its stages.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS base
WORKDIR /app

FROM base AS dependencies
# --build-arg EXTRAS="redis otel" adds the client for DPOP_REPLAY_STORE and the export of traces.
ARG EXTRAS=
COPY requirements/ requirements/
# Wheels only: a package that has to be compiled fails the build, and no compiler is needed.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install \
       --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
       $(printf -- '-r requirements/%s.txt ' runtime $EXTRAS)

FROM dependencies AS local-okta-dependencies
RUN python -m pip --python /opt/venv/bin/python install \
    --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/local-okta.txt

FROM base AS runtime
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && rm -r /usr/local/lib/python3.*/ensurepip \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001

FROM runtime AS local-okta
LABEL org.opencontainers.image.title="Local Okta, for development only" \
      org.opencontainers.image.licenses="MIT"
COPY --from=local-okta-dependencies /opt/venv /opt/venv
COPY local_okta/ local_okta/
EXPOSE 9000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s CMD ["python", "-c", "\
import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 9000, timeout=2); \
c.request('GET', '/oauth2/default/v1/keys'); sys.exit(c.getresponse().status != 200)"]
# The API fetches keys from local-okta, the name of the service in docker-compose.yml.
CMD ["python", "-m", "local_okta", "--host", "0.0.0.0", "--allow-host", "local-okta"]

FROM runtime AS production
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="FastAPI with Okta" \
      org.opencontainers.image.description="An API that verifies Okta access tokens on every request" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=dependencies /opt/venv /opt/venv
COPY gunicorn.conf.py ./
COPY backend/ backend/
EXPOSE 8000
# Ready, not just alive: an update that cannot get signing keys must not count as a success.
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s CMD ["python", "-c", "\
import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 8000, timeout=2); \
c.request('GET', '/readyz'); a = c.getresponse(); print(a.read().decode()); sys.exit(a.status != 200)"]
CMD ["gunicorn"]
