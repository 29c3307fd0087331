# The official image of PostgreSQL, with pg_migrate in it:
#
#     docker build --build-arg PG_MAJOR=17 -t postgres-with-pg_migrate:17 .
#
# It is used as the official image is; CREATE EXTENSION pg_migrate in each database. docs/packaging.md says what of this is tested.

# A tag of the official image begins with it: 15, 16, 17 or 18.
ARG PG_MAJOR=15
ARG RELEASE=bookworm

FROM docker.io/library/postgres:${PG_MAJOR}-${RELEASE} AS build
ARG PG_MAJOR
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        g++ make libboost-dev libkrb5-dev libtomlplusplus-dev postgresql-server-dev-${PG_MAJOR} \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /usr/src/pg_migrate
COPY . .
RUN export PG_CONFIG=/usr/lib/postgresql/${PG_MAJOR}/bin/pg_config \
    && make -s -j"$(nproc)" all \
    && make -s DESTDIR=/installed install

# What the compiler needs does not come along.
FROM docker.io/library/postgres:${PG_MAJOR}-${RELEASE}
COPY --from=build /installed/ /
