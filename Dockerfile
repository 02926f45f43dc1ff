# The lab's image: one for every Airflow service in docker-compose.yaml.
#
# The slim base has Airflow alone. The full one also has the clients of every cloud, frozen at
# versions of pandas and friends that the lab's lock replaces: nobody would have tested the mix.
FROM apache/airflow:slim-3.3.2-python3.11

LABEL org.opencontainers.image.title="Netflix Data Labeling Lab" \
      org.opencontainers.image.description="Weak supervision of a title catalog as an Airflow workflow" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/apache/airflow:slim-3.3.2-python3.11"

SHELL ["/bin/bash", "-o", "errexit", "-o", "nounset", "-o", "pipefail", "-c"]
WORKDIR /opt/airflow
ENV PYTHONPATH=/opt/airflow \
    LABELING_LAB_DATA=/opt/airflow/volume \
    NLTK_DATA=/opt/airflow/nltk_data

# Rarely changed first: the lock, then what only a cluster needs. The lock's versions constrain
# the latter, so that a container runs what the tests ran. Celery 5.7 cannot load the celery
# provider's result backend. The last lines refuse an image whose Airflow is not its base's.
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock \
 && sed -E '/^ *--hash/d; s/ *\\$//' requirements.lock > /tmp/constraints.txt \
 && pip install --no-cache-dir --constraint /tmp/constraints.txt \
      "apache-airflow[celery,fab,postgres,redis]==${AIRFLOW_VERSION}" \
      "apache-airflow-providers-celery==3.26.0" \
      "apache-airflow-providers-fab==3.10.2" \
      "apache-airflow-providers-postgres==7.1.1" \
      "apache-airflow-providers-redis==4.7.1" \
      "celery==5.6.3" \
 && rm /tmp/constraints.txt \
 && pip check \
 && python -c "from importlib.metadata import version; from os import environ; \
assert version('apache-airflow') == environ['AIRFLOW_VERSION'], version('apache-airflow')"

# A named volume takes its first contents and its owner from volume/. tasks/ knows nothing of
# Airflow, so WordNet and its table of synonyms arrive before the files that change most.
COPY --chown=airflow:root tasks tasks
RUN install --directory --mode=0775 volume \
 && python -m tasks.augment.wordnet

COPY --chown=airflow:root data/sample_titles.csv data/
COPY --chown=airflow:root plugins plugins
COPY --chown=airflow:root dags dags

# The base's own user, named again to hold whatever the base does.
# hadolint ignore=DL3066
USER airflow
