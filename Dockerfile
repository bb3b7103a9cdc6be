# The server as an image: docs/operating.md, "In a container".
ARG BASE=python:3.11.14-slim-bookworm
ARG DOCKER=docker:28.5.1-cli

FROM ${DOCKER} AS docker

FROM ${BASE} AS build
WORKDIR /src
# Neither has a pip: what is installed is what is locked.
RUN python3 -m venv --without-pip /opt/cwl-processes && python3 -m venv --without-pip /opt/build
COPY requirements.lock requirements-build.lock ./
RUN python3 -m pip --python /opt/cwl-processes/bin/python install --no-cache-dir --require-hashes --no-deps \
        --requirement requirements.lock \
    && python3 -m pip --python /opt/build/bin/python install --no-cache-dir --require-hashes --no-deps \
        --requirement requirements-build.lock
COPY . .
RUN python3 -m pip --python /opt/build/bin/python wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
    && python3 -m pip --python /opt/cwl-processes/bin/python install --no-cache-dir --no-deps --no-index /wheel/*.whl

FROM ${BASE}
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=build /opt/cwl-processes /opt/cwl-processes
# Its runs end with the container: when it is stopped, they are waited for.
ENV PATH=/opt/cwl-processes/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    CWL_PROCESSES_DATA=/var/lib/cwl-processes \
    CWL_PROCESSES_HOST=0.0.0.0 \
    CWL_PROCESSES_SHUTDOWN=wait
RUN mkdir /var/lib/cwl-processes && chown 10001:10001 /var/lib/cwl-processes
WORKDIR /
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('CWL_PROCESSES_PORT', '8080') + '/health')"]
ENTRYPOINT ["cwl-processes"]
CMD ["serve"]
