# The three images of Một Cửa: docker compose builds the targets bot, nlu and proxy. docs/decisions/0009-compose.md says why so.

# --- bot: the web page and the workers -----------------------------------------------------------------------------

FROM python:3.13-slim-trixie AS bot-packages
COPY requirements/bot.txt /tmp/bot.txt
RUN python -m venv --without-pip /opt/bot \
    && pip --python /opt/bot/bin/python install --no-cache-dir --no-deps --require-hashes -r /tmp/bot.txt

FROM python:3.13-slim-trixie AS bot-code
ENV PATH=/opt/bot/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 HOME=/tmp MOTCUA_ROOT=/app
WORKDIR /app
COPY --from=bot-packages /opt/bot /opt/bot
COPY bot bot
# The command `motcua`, as an installation of pyproject.toml would make it, but without fetching a build tool for that.
RUN printf '#!/opt/bot/bin/python\nfrom bot.cli import main\n\nmain()\n' > /opt/bot/bin/motcua \
    && chmod 755 /opt/bot/bin/motcua \
    && python -m compileall -q bot \
    && chmod -R a+rX bot

FROM bot-code AS bot
USER 10001:10001
CMD ["python", "-m", "bot.serve", "web"]

# --- nlu: Rasa with the model of content/ --------------------------------------------------------------------------

# What there is to learn. When only answers were reworded these files come out the same, and the training below is not
# done again: the build takes it from its cache.
FROM bot-code AS examples
COPY content content
COPY flows flows
RUN motcua content export

FROM python:3.10-slim-trixie AS rasa-packages
COPY rasa_project/requirements.txt /tmp/rasa.txt
RUN python -m venv --without-pip /opt/rasa \
    && pip --python /opt/rasa/bin/python install --no-cache-dir --no-deps --require-hashes -r /tmp/rasa.txt

FROM python:3.10-slim-trixie AS rasa
# Python 3.10 gets no more releases, so nobody rebuilds this base: the fixes of its Debian are fetched here.
RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/rasa/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 HOME=/tmp \
    RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=2 CUDA_VISIBLE_DEVICES=-1
WORKDIR /app/rasa_project
COPY --from=rasa-packages /opt/rasa /opt/rasa
# All that Rasa needs of the bot: how words are spelt. (And nothing else, so that a change to the bot trains nothing.)
COPY bot/__init__.py ../bot/
COPY bot/core/__init__.py bot/core/normalise.py ../bot/core/
COPY rasa_project .

FROM rasa AS model
COPY --from=examples /app/rasa_project/data/generated data/generated
COPY --from=examples /app/rasa_project/domain/generated.yml domain/
RUN RASA_MAX_CACHE_SIZE=0 rasa train nlu --fixed-model-name motcua

FROM rasa AS nlu
RUN python -m compileall -q components ../bot && chmod -R a+rX /app
COPY --from=model /app/rasa_project/models/motcua.tar.gz models/
USER 10001:10001
CMD ["rasa", "run", "--enable-api", "-i", "0.0.0.0", "-p", "5005", "-m", "models/motcua.tar.gz"]

# --- proxy: HTTPS --------------------------------------------------------------------------------------------------

FROM caddy:2.11-alpine AS proxy
COPY bot/Caddyfile /etc/caddy/Caddyfile
RUN caddy validate --config /etc/caddy/Caddyfile && chown -R 10001:10001 /config /data
USER 10001:10001
