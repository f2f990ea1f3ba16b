# scripts/plot-parallel and scripts/plot-slurm: however plots are spread, they are the same.
load helper
load cluster

# Six plots of five nonces.
account=12345678901234567890
plots=(--files 6 --each 5 --start 7 --form poc2 --account "$account")

# A directory that every shell on the way to cairn-plot would read in its own way.
strange="a b 'c' \"d\" \$HOME \`e\` \\f {} {#} {=1=} @h0 & * ;"$'\n'" g"

# What a plain loop makes.
setup_file() {
    local i
    [ -z "${CAIRN_SANITIZED:-}" ] || return 0
    mkdir "$BATS_FILE_TMPDIR/loop"
    for i in 0 1 2 3 4 5; do
        cairn-plot --form poc2 --account "$account" --start $((7 + i * 5)) --nonces 5 --threads 1 \
            -d "$BATS_FILE_TMPDIR/loop"
    done
    sums "$BATS_FILE_TMPDIR/loop" > "$BATS_FILE_TMPDIR/expected"
}

setup() {
    not_sanitized "slow plots down, and these are scripts"
    cd "$BATS_TEST_TMPDIR" || return
    need parallel
    PATH=$root/scripts:$PATH
    expected=$BATS_FILE_TMPDIR/expected
    mkdir "$cluster" out
}

teardown() {
    stop_cluster
}

# sums DIR...: of all files in them, by their names.
sums() {
    local file
    find "$@" -type f -print0 | while IFS= read -r -d '' file; do
        printf '%s %s\n' "${file##*/}" "$(sha256sum < "$file")"
    done | sort
}

# ages DIR...: of all files in them; what is made again has another one.
ages() {
    find "$@" -type f -printf '%f %T@ %i\n' | sort
}

finished() { # DIR...
    find "$@" -name "${account}_*_5" -printf '%f\n' | sort
}

has_finished() { # COUNT DIR
    [ "$(finished "$2" | wc -l)" -ge "$1" ]
}

# All cairn-plot that this test has brought about.
plotting() {
    local pids
    pids=$(cluster_processes | paste -sd ,)
    [ -z "$pids" ] || ps -o comm=,args= -p "$pids" | grep '^cairn-plot '
}

some_plot() {
    [ -n "$(plotting)" ]
}

none_plots() {
    [ -z "$(plotting)" ]
}

is_pending() { # SLURM_TASK
    [ "$(squeue --noheader --jobs="$1" --format=%T)" = PENDING ]
}

# instead_of PROGRAM BODY: has a script in the place of a program.
instead_of() {
    mkdir -p instead
    printf '#!/bin/sh\n%s\n' "$2" > "instead/$1"
    chmod +x "instead/$1"
    PATH=$PWD/instead:$PATH
}

# The fifth plot is begun, and takes for ever.
fifth_is_slow() {
    instead_of cairn-plot "
        case \"\$*\" in *' --start 27') ;; *) exec '$(command -v cairn-plot)' \"\$@\" ;; esac
        '$(command -v cairn-plot)' \"\$@\" &
        until [ -e out/${account}_27_5.part ] || ! kill -0 \$!; do sleep 0.01; done
        kill -KILL \$!
        sleep 1000
        exit 70"
}

@test "one job or three make what a loop makes, and the same again does nothing" {
    for jobs in 1 3; do
        mkdir "$jobs"
        run -0 --separate-stderr plot-parallel -j "$jobs" "${plots[@]}" -d "$jobs"
        assert_equal "$stderr" ""
        assert_equal "$(sort <<< "$output")" "$(find "$jobs" -name '*_5' | sort)"
        sums "$jobs" | diff "$expected" -
    done
    ages 3 > before
    run -0 plot-parallel "${plots[@]}" -d 3
    assert_equal "${#lines[@]}" 6
    ages 3 | diff before -
}

@test "two hosts make what a loop makes, and the same again does nothing" {
    start_host one
    start_host two
    directories=("$cluster/one/$strange" "$cluster/two/$strange")
    mkdir "${directories[@]}"
    run -0 --separate-stderr plot-parallel -j 2 -S one,two -F "$cluster/ssh" "${plots[@]}" \
        -d "$strange"
    assert_equal "$stderr" ""
    sums "${directories[@]}" | diff "$expected" -
    assert_equal "$(finished "${directories[0]}" | wc -l)" 3
    ages "${directories[@]}" > before
    cp "$cluster/ssh" "it's mine"
    user=$(id -un)
    run -0 plot-parallel "-Sone,$user@two" -F "$PWD/it's mine" "${plots[@]}" -d "$strange"
    ages "${directories[@]}" | diff before -

    # They share a disk.
    run -0 plot-parallel -j 2 -S two,one -F "$cluster/ssh" "${plots[@]}" -d "$PWD/out"
    sums out | diff "$expected" -
}

@test "plots of hosts that are not reached are named, and nobody else makes them" {
    start_host one
    mkdir "$cluster/one/out"
    printf 'Host gone away\nHostName 127.0.0.1\nPort 1\n' > "$cluster/gone.ssh"
    run -3 --separate-stderr plot-parallel -S gone,one -F "$cluster/ssh" "${plots[@]}" -d out
    assert_equal "$(grep -F plot-parallel: <<< "$stderr")" \
        "plot-parallel: warning: the plot of nonces 7 to 11 is not made: status 69 on gone
plot-parallel: warning: the plot of nonces 17 to 21 is not made: status 69 on gone
plot-parallel: warning: the plot of nonces 27 to 31 is not made: status 69 on gone
plot-parallel: error: 3 of 6 plots are not made"
    assert_equal "$(finished "$cluster/one/out" | wc -l)" 3
    run -69 plot-parallel -S gone,away -F "$cluster/ssh" "${plots[@]}" -d out
}

@test "a Slurm of two nodes makes what a loop makes, and the same again does nothing" {
    start_slurm 2
    mkdir "$strange"
    run -0 --separate-stderr plot-slurm --wait --sbatch-option --output=log "${plots[@]}" \
        -d "$strange"
    assert_equal "$stderr" ""
    assert_regex "$output" '^[1-9][0-9]*$'
    sums "$strange" | diff "$expected" -
    assert_equal "$(scontrol --oneliner show job "$output" | grep -o ' NodeList=n[12]' | sort -u)" \
        $' NodeList=n1\n NodeList=n2'
    ages "$strange" > before
    run -0 plot-slurm --wait --sbatch-option=--output=log "${plots[@]}" -d "$strange"
    ages "$strange" | diff before -
}

@test "a task of Slurm that is requeued goes on, and has the processors that it uses" {
    fifth_is_slow
    start_slurm 2
    plot-slurm --wait --threads 2 --sbatch-option --output=log "${plots[@]}" -d out \
        > job 2> errors 3>&- &
    eventually has_finished 5 out
    task=$(< job)_4
    eventually some_plot
    rm instead/cairn-plot
    assert_equal "$(squeue --noheader --jobs="$task" --format=%C)" 2
    assert_regex "$(plotting)" ' --threads 2 '
    scontrol requeue "$task"
    eventually is_pending "$task"
    # Usually after two minutes, as a node that has just killed a job does not start it.
    scontrol update JobId="$task" StartTime=now+3
    wait $! || fail "$(< errors)"
    assert_equal "$(scontrol --oneliner show job "$task" | grep -o 'Restarts=[0-9]*')" Restarts=1
    sums out | diff "$expected" -
}

@test "failed tasks of Slurm are named, and alone they give their status" {
    start_slurm 1
    echo short > "out/${account}_17_5"
    run -3 --separate-stderr plot-slurm --wait --sbatch-option --output=log "${plots[@]}" -d out
    assert_equal "$stderr" "plot-slurm: warning: the plot of nonces 17 to 21 is not made: status 65, \
task ${output}_2, FAILED
plot-slurm: error: 1 of 6 plots are not made"
    assert_equal "$(finished out | wc -l)" 6
    run -66 plot-slurm --wait --sbatch-option --output=log "${plots[@]}" -d nowhere
    run -75 plot-slurm --wait --sbatch-option --output=log --sbatch-option --deadline=now+1second \
        --sbatch-option --time=1 "${plots[@]}" -d out
    run -69 --separate-stderr plot-slurm --threads 64 "${plots[@]}" -d out
    assert_equal "${stderr_lines[-1]}" "plot-slurm: error: sbatch has not taken the job"
}

@test "what was killed goes on, and what is finished stays" {
    fifth_is_slow
    setsid plot-parallel -j 1 "${plots[@]}" -d out > /dev/null 2>&1 3>&- &
    eventually has_finished 4 out
    eventually some_plot
    mapfile -t pids < <(ps -o pid= -s $! | tr -d ' ')
    kill -KILL "${pids[@]}"
    eventually none_plots
    rm instead/cairn-plot
    ages out | grep "_5 " > before
    assert_equal "$(wc -l < before)" 4
    run -0 plot-parallel -j 2 "${plots[@]}" -d out
    sums out | diff "$expected" -
    ages out | grep -xFf before | diff before -

    # The jobs of a script that was killed live on.
    mkdir alone
    plot-parallel -j 1 "${plots[@]}" -d alone > /dev/null 2>&1 3>&- &
    eventually has_finished 1 alone
    kill -KILL $!
    run -0 plot-parallel -j 1 "${plots[@]}" -d alone
    sums alone | diff "$expected" -
}

@test "a signal ends all jobs, here and on hosts, and they go on" {
    for where in here there; do
        fifth_is_slow
        case $where in
        here) directory=out options=(-d out) ;;
        there)
            start_host one
            directory=$cluster/one/out options=(-S one -F "$cluster/ssh" -d out)
            mkdir "$directory"
            ;;
        esac
        plot-parallel -j 1 "${plots[@]}" "${options[@]}" > /dev/null 2>&1 3>&- &
        eventually has_finished 4 "$directory"
        eventually some_plot
        kill $!
        status=0
        wait $! || status=$?
        assert_equal "$status" 143
        eventually none_plots
        rm instead/cairn-plot
        run -0 plot-parallel "${plots[@]}" "${options[@]}"
        sums "$directory" | diff "$expected" -
    done
}

@test "two at the same time share the work" {
    plot-parallel -j 2 "${plots[@]}" -d out > /dev/null 2> log 3>&- &
    run plot-parallel -j 2 "${plots[@]}" -d out
    wait $! || fail "$(< log)"
    assert_equal "$status" 0
    sums out | diff "$expected" -
}

@test "a plot that another one makes is tried again" {
    journal=out/${account}_7_5.journal
    (umask 077 && touch "$journal")
    exec {lock}> "$journal"
    flock "$lock"
    plot-parallel "${plots[@]}" -d out 2> log > /dev/null 3>&- {lock}>&- &
    eventually grep -q "$journal' is locked" log
    exec {lock}>&-
    wait $! || fail "$(< log)"
    sums out | diff "$expected" -

    # Not for ever.
    # shellcheck disable=SC2016 # for the script
    instead_of cairn-plot 'echo "$*" >> tries; exit 75'
    instead_of sleep 'echo "$*" >> pauses'
    run -75 plot-parallel "${plots[@]}" --files 1 -d out
    assert_equal "$(grep -x . pauses | paste -sd ' ')" "1 2 4 8" # parallel has one of its own
    assert_equal "$(wc -l < tries)" 5
}

@test "failed plots are named, and alone they give their status" {
    echo short > "out/${account}_17_5"
    run -3 --separate-stderr plot-parallel "${plots[@]}" -d out
    assert_regex "$stderr" "'out/${account}_17_5' has 6 bytes"
    assert_equal "$(grep -F plot-parallel: <<< "$stderr")" \
        "plot-parallel: warning: the plot of nonces 17 to 21 is not made: status 65
plot-parallel: error: 1 of 6 plots are not made"
    assert_equal "$(finished out | wc -l)" 6
    run -65 plot-parallel "${plots[@]}" --files 1 --start 17 -d out
    run -66 plot-parallel "${plots[@]}" -d nowhere
    run -64 plot-parallel "${plots[@]}" --frob -d out
    # shellcheck disable=SC2016 # for the script
    instead_of cairn-plot 'kill -9 $$'
    run -137 plot-parallel "${plots[@]}" -d out
    # shellcheck disable=SC2016 # for the script
    instead_of cairn-plot 'case "$*" in *" --start 7") exit 73 ;; *) exit 74 ;; esac'
    run -3 plot-parallel "${plots[@]}" -d out
    instead_of cairn-plot 'exit 127'
    run -71 plot-parallel "${plots[@]}" -d out
}

@test "options reach cairn-plot as they are" {
    # shellcheck disable=SC2016 # for the script
    instead_of cairn-plot 'for word; do printf "%s\0" "$word"; done > "$CAIRN_WORDS"'
    export CAIRN_WORDS=$PWD/words
    chain=$(printf '%064d' 0)
    for script in plot-parallel "plot-slurm --wait"; do
        case $script in
        *slurm*) start_slurm 1 ;;
        esac
        # shellcheck disable=SC2086 # words
        run -0 $script --files 1 --each 3 --start=12 "-d$strange" --account "$strange" --chain "$chain" \
            --idle --memory=5GiB --salt '' --json
        printf '%s\0' --account "$strange" --chain "$chain" --idle --salt '' --json --band 16 \
            --form x1 --threads 1 --memory 5GiB --warps 3 -d "$strange" --start 12 | cmp - words
        rm words
    done
}

@test "wrong command lines are status 64, one error and one hint" {
    for script in plot-parallel plot-slurm; do
        for words in '' '--files 2' '--files 2 --each 3' '--each 3 -d x' '--files 2 -d x' \
            '--files 0 --each 3 -d x' '--files 2 --each 03 -d x' '--files 2 --each 3 --start -1 -d x' \
            '--files 2 --each 3 -d x -d y' '--files 2 --each 3 -d' '--files 2 --each 3 -d x --form x2' \
            '--files 2 --each 3 -d x --threads 0' '--files 2 --each 3 -d x --size 1G' \
            '--files 2 --each 3 -d x --nonces=3' '--files 2 --each 3 -d x --check'; do
            # shellcheck disable=SC2086 # words
            run -64 --separate-stderr "$script" $words
            assert_equal "$output" ""
            assert_regex "${stderr_lines[0]}" "^$script: error: [a-z].*[^.]\$"
            assert_equal "${stderr_lines[1]}" "hint: try '$script --help'"
            assert_equal "${#stderr_lines[@]}" 2
        done
        run -0 --separate-stderr "$script" --help
        run ! grep -E '.{81}' <<< "$output"
    done
    for words in '-j 0' '-S one,one' '-S -oProxyCommand=x' '-S a;b'; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr plot-parallel "${plots[@]}" -d x $words
        assert_equal "${#stderr_lines[@]}" 2
    done
}
