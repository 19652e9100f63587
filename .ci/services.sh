# Postgres, Redis and Chromium for the tests that need them. `.ci/run` sources this file. To run such
# a test by hand:
#
#   source .ci/services.sh && start_services
#   cargo test --all-features --test idempotency -- --ignored; stop_services
#
# The servers listen on free ports of 127.0.0.1, keep their data in a temporary folder, and are
# stopped by their process ids. `TEST_POSTGRES_URL` and `TEST_REDIS_URL` are their URLs. Their data
# does not survive a crash of the machine.

services_folder=
postgres_pid=
redis_pid=

install_services() {
    local debian=()
    postgres_folder >/dev/null || debian+=(postgresql)
    command -v redis-server >/dev/null || debian+=(redis-server)
    command -v chromedriver >/dev/null || debian+=(chromium chromium-driver)
    if ((${#debian[@]})); then
        local sudo=()
        ((EUID == 0)) || sudo=(sudo)
        "${sudo[@]}" apt-get update -q
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${debian[@]}"
    fi
}

start_services() {
    services_folder=$(mktemp -d)
    chmod 755 "$services_folder"
    start_postgres
    start_redis
}

stop_services() {
    [[ -z $postgres_pid ]] || stop_process INT "$postgres_pid"
    [[ -z $redis_pid ]] || stop_process TERM "$redis_pid"
    postgres_pid= redis_pid=
    [[ -z $services_folder ]] || rm -rf "$services_folder"
    services_folder=
}

start_postgres() {
    local bin data=$services_folder/postgres port
    bin=$(postgres_folder)
    port=$(free_port)
    mkdir "$data"
    # Postgres does not run as root.
    local as_postgres=()
    if ((EUID == 0)); then
        chown postgres "$data"
        as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
    fi
    "${as_postgres[@]}" "$bin/initdb" --pgdata "$data/data" --username postgres --auth trust --no-sync >"$services_folder/initdb.log"
    "${as_postgres[@]}" "$bin/postgres" -D "$data/data" -h 127.0.0.1 -p "$port" -k "$data" \
        -c fsync=off -c max_connections=300 >"$services_folder/postgres.log" 2>&1 &
    postgres_pid=$!
    wait_until postgres "$postgres_pid" "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port"
    export TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres
}

start_redis() {
    local port
    port=$(free_port)
    redis-server --bind 127.0.0.1 --port "$port" --dir "$services_folder" --save '' >"$services_folder/redis.log" 2>&1 &
    redis_pid=$!
    wait_until redis "$redis_pid" redis-cli -h 127.0.0.1 -p "$port" ping
    export TEST_REDIS_URL=redis://127.0.0.1:$port
}

# Prints the folder with the programs of the newest installed Postgres.
postgres_folder() {
    local folders
    shopt -s nullglob
    folders=(/usr/lib/postgresql/*/bin)
    shopt -u nullglob
    ((${#folders[@]})) || return 1
    printf '%s\n' "${folders[@]}" | sort -V | tail -n 1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_until() {
    local name=$1 pid=$2
    shift 2
    for _ in {1..300}; do
        "$@" >/dev/null 2>&1 && return
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "error: $name did not start" >&2
    cat "$services_folder/$name.log" >&2
    return 1
}

stop_process() {
    kill -s "$1" "$2" 2>/dev/null || true
    wait "$2" 2>/dev/null || true
}
