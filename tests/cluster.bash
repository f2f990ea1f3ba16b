# Hosts that ssh reaches, and a Slurm, on this machine, for tests; loaded after helper. They are those
# of the test that started them, have all they need in $cluster, and do not ask for root.
#
#   start_host one           # ssh -F "$cluster/ssh" one: a shell in $cluster/one
#   start_slurm 2            # sbatch has so many nodes of two processors each
#   stop_cluster             # in teardown: none of it is left, nor of what the test has run on it
#
# A test that misses a program is skipped.

PATH=$PATH:/usr/sbin:/sbin

# The path of a socket has at most 107 characters.
cluster=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/cluster
((${#cluster} < 90)) || cluster=/tmp/cairn-cluster.$$

# Shows in the environment who belongs to it.
export CAIRN_CLUSTER=$cluster

# need PROGRAM...
need() {
    local program
    for program in "$@"; do
        command -v "$program" > /dev/null || skip "$program is not installed"
    done
}

# eventually COMMAND...: waits until it succeeds, two minutes at most.
eventually() {
    local end=$((SECONDS + 120))
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

# A port that is free now, and not one that the kernel gives to clients.
any_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
        (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null || break
    done
    echo "$port"
}

# in_cluster PROGRAM [ARGUMENT...]: starts it there, as $!.
in_cluster() {
    (cd "$cluster" && exec "$@" < /dev/null >> log 2>&1 3>&-) &
    disown # bash need not tell how it ended
}

# Whether one of these processes has ended, or all of them have.
has_one_ended() { # PID...
    local pid
    for pid in "$@"; do
        kill -0 "$pid" 2> /dev/null || return 0
    done
    return 1
}

have_ended() { # PID...
    ! kill -0 "$@" 2> /dev/null
}

# ---- ssh.

start_host() { # NAME
    local sshd tries
    need sshd ssh ssh-keygen
    sshd=$(command -v sshd) # it wants to be called by its path
    mkdir -p "$cluster/$1"
    # That of root needs this directory of the system, which is there where one has ever run.
    [ "$(id -u)" -ne 0 ] || (umask 022 && mkdir -p /run/sshd)
    if [ ! -f "$cluster/key" ]; then
        ssh-keygen -q -t ed25519 -N '' -f "$cluster/key"
        echo "cluster $(< "$cluster/key.pub")" > "$cluster/known"
    fi
    cat > "$cluster/ssh" << CONFIG
Include $cluster/*.ssh
IdentityFile $cluster/key
IdentitiesOnly yes
UserKnownHostsFile $cluster/known
HostKeyAlias cluster
StrictHostKeyChecking yes
BatchMode yes
LogLevel ERROR
CONFIG
    cat > "$cluster/$1.enter" << ENTER
export PATH='$PATH' CAIRN_CLUSTER='$cluster'
cd '$cluster/$1' && eval "\$SSH_ORIGINAL_COMMAND"
ENTER
    for ((tries = 0; tries < 5; ++tries)); do
        start_sshd "$sshd" "$1"
        eventually is_settled "$1" $!
        if answers "$1"; then return; fi
    done
    cat "$cluster/log" >&2
    return 1
}

start_sshd() { # PATH NAME
    local port
    port=$(any_port)
    cat > "$cluster/$2.sshd" << CONFIG
ListenAddress 127.0.0.1:$port
HostKey $cluster/key
AuthorizedKeysFile $cluster/key.pub
PidFile none
UsePAM no
StrictModes no
ForceCommand sh $cluster/$2.enter
CONFIG
    printf 'Host %s\nHostName 127.0.0.1\nPort %s\n' "$2" "$port" > "$cluster/$2.ssh"
    in_cluster "$1" -D -e -f "$cluster/$2.sshd"
}

answers() { # NAME
    ssh -F "$cluster/ssh" "$1" true 2>> "$cluster/log"
}

is_settled() { # NAME PID
    answers "$1" || has_one_ended "$2"
}

# ---- Slurm.

start_slurm() { # NODES
    local tries i pids
    need munged slurmctld slurmd sbatch squeue
    mkdir -p "$cluster"
    unset "${!SLURM_@}" "${!SBATCH_@}" # a test may be a job itself
    export SLURM_CONF=$cluster/slurm.conf
    for ((tries = 0; tries < 5; ++tries)); do
        rm -rf "$cluster/state" "$cluster/spool" "$cluster/munge"
        mkdir "$cluster/state" "$cluster/spool"
        write_slurm_config "$1"
        in_cluster munged --foreground --force --key-file "$cluster/munge.key" \
            --socket "$cluster/munge" --pid-file "$cluster/munge.pid" --seed-file "$cluster/seed" \
            --log-file "$cluster/munge.log"
        pids=($!)
        eventually [ -S "$cluster/munge" ]
        in_cluster slurmctld -D
        pids+=($!)
        for ((i = 1; i <= $1; ++i)); do
            in_cluster slurmd -D -N "n$i"
            pids+=($!)
        done
        eventually is_slurm_settled "$1" "${pids[@]}"
        if serves "$1"; then return; fi
        kill -KILL "${pids[@]}" 2> /dev/null || true
        eventually have_ended "${pids[@]}"
    done
    cat "$cluster/log" "$cluster"/*.log >&2
    return 1
}

write_slurm_config() { # NODES
    local host user i
    host=$(hostname -s)
    user=$(id -un)
    [ -f "$cluster/munge.key" ] ||
        (umask 077 && head -c 1024 /dev/urandom > "$cluster/munge.key")
    cat > "$SLURM_CONF" << CONFIG
ClusterName=throwaway
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(any_port)
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmctldLogFile=$cluster/slurmctld.log
StateSaveLocation=$cluster/state
SlurmdPidFile=$cluster/%n.pid
SlurmdLogFile=$cluster/%n.log
SlurmdSpoolDir=$cluster/spool/%n
SlurmUser=$user
SlurmdUser=$user
AuthInfo=socket=$cluster/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MessageTimeout=60
CONFIG
    for ((i = 1; i <= $1; ++i)); do
        mkdir -p "$cluster/spool/n$i"
        echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$(any_port) CPUs=2"
    done >> "$SLURM_CONF"
    echo "PartitionName=main Nodes=ALL Default=YES" >> "$SLURM_CONF"
}

serves() { # NODES
    [ "$(sinfo -h -t idle -o %D 2>> "$cluster/log")" = "$1" ]
}

is_slurm_settled() { # NODES PID...
    serves "$1" || has_one_ended "${@:2}"
}

# ---- The end.

# The processes of the cluster: those that have the mark, work in the directory or have it on their
# command line, and their children. Nobody may look at all of this of an sshd.
cluster_processes() {
    local processes
    processes=(/proc/[0-9]*)
    {
        grep -lszxF "CAIRN_CLUSTER=$cluster" "${processes[@]/%//environ}" || true
        grep -lszF "$cluster/" "${processes[@]/%//cmdline}" || true
        find "${processes[@]/%//cwd}" -maxdepth 0 \( -lname "$cluster" -o -lname "$cluster/*" \) \
            2> /dev/null || true
    } | cut -d / -f 3 > "$cluster/seen"
    ps -e -o pid=,ppid=,stat= | sort -n | awk '
        FNR == NR { is_ours[$1] = 1; next }
        $3 !~ /^Z/ { parent[$1] = $2 }
        END {
            do {
                is_more = 0
                for (pid in parent)
                    if (parent[pid] in is_ours && !(pid in is_ours)) is_more = is_ours[pid] = 1
            } while (is_more)
            for (pid in is_ours) if (pid in parent) print pid
        }' "$cluster/seen" -
}

stop_cluster() {
    [ -d "$cluster" ] || return 0
    local status=0
    eventually are_killed || status=1
    rm -rf "$cluster"
    return "$status"
}

# Whether there is none of them; kills those that there are.
are_killed() {
    local pids
    mapfile -t pids < <(cluster_processes)
    ((${#pids[@]} > 0)) || return 0
    kill -KILL "${pids[@]}" 2> /dev/null || true
    return 1
}
