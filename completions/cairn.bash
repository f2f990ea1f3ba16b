# Completion of the cairn tools for bash. Made by scripts/completions.

# Sets `options` of TOOL/VERB.
_cairn_options() {
    case $1 in
    audit/) options='-i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command --key --sectors -n --blocks --beacon --receipts -o --output -f --force --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    call/) options='-i --identity --body -o --output -f --force --trace --timeout -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    chain-node/) options='--dir --genesis --listen --announce --peer --outbound --checkpoint --api --metrics --trace --ready-fd --mine --reward --on-demand --order --prune --mempool --account-max --status --replay --export --snapshot --rebuild --print-genesis --selftest-sandbox -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    challenge/) options='--random --seed -n --blocks -o --output -f --force -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    decode/) options='-o --output --range -f --force --id --check --repair --wait -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    decrypt/) options='-i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -f --force -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    demo/) options='-h --help -V --version --json -q --quiet -v --verbose --chain' ;;
    encode/) options='--profile -k --data -m --parity --segment -d --directory -o --output -f --force -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    encrypt/) options='-r --recipient -R --recipients-file -i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -a --armor -f --force --files-from -0 --null -d --directory -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    get/) options='-o --output --range --recursive -f --force --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    inspect/) options='-t --text --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    keygen/) options='-o --output --words -y --public --address --recipient --did --minisign --recover -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    ls/) options='-i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command -l --long --links -a --all -0 --null --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    miner/) options='--plots --node --rounds --deadline-max --window --keep-awake --ready-fd -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    plot/) options='--account --chain --form --salt --scale --start --warps --nonces --size --until-full --reserve -d --directory --threads --memory --band --idle --dry-run --check --clean --bench -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    prove/) options='-h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    prove/capacity) options='--challenge --generation-signature --height --base-target --window --follow --abandon --status --rounds' ;;
    prove/storage) options='--challenge --key --tags -o --output -f --force' ;;
    put/) options='--recursive --files-from -0 --null -i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command -r --recipient --public --encoded --profile -k --data -m --parity --name --no-index --receipts -f --force -j --threads --audit --sectors --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    query/) options='--node --dir --timeout -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    query/head) options='--wait --until-synced --follow' ;;
    query/block) options='--raw' ;;
    query/tx) options='--raw' ;;
    query/mempool) options='--follow' ;;
    query/account) options='--proof -f --force' ;;
    query/providers) options='--proof -f --force' ;;
    query/value) options='--proof -f --force' ;;
    query/issuance) options='--genesis --space --years --by' ;;
    relay/) options='--listen --to --impair --connections --ready-fd -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    repair/) options='-n --dry-run --deep --receipts -f --force -i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    restore/) options='-i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command --words-file --words-fd --save-identity --list --links -o --output --all-versions --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    rm/) options='-i --identity --passphrase --passphrase-file --passphrase-fd --passphrase-command -r --recursive --final --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    share/) options='-t --to -l --locator -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    sign/) options='-i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -f --force -t --trusted-comment -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    simnet/) options='--profile --solo --nodes --late --delay --lost --hours --seed --seeds --faults --role --share --mutant --shrink -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    stat/) options='--deep --providers --timeout --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    store/) options='--dir --listen --announce --api --metrics --trace --ready-fd --key --grants --deny --capacity --reserve --trash --scrub --status --drain --migrate --dry-run --selftest-sandbox -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    tag/) options='-i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command --sectors -o --output --public --prover -f --force -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/) options='-h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/signature) options='-p --public-key -s --signature' ;;
    verify/receipt) options='-p --public-key' ;;
    verify/capacity) options='--threads' ;;
    verify/storage) options='--challenge --key -p --public-key' ;;
    verify/tags) options='--key -p --public-key --tags -j --threads' ;;
    verify/transcript) options='--key -p --public-key' ;;
    verify/state) options='--block --header --chain' ;;
    wallet/) options='--node --dir -i --identity --account --from -p --passphrase --passphrase-file --passphrase-fd --passphrase-command --timeout -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    wallet/history) options='-n --count --before --no-blocks' ;;
    wallet/send) options='--reference --call --node-key --fee --max-fee --lane --valid -y --yes --wait' ;;
    wallet/register) options='--node-key --bond --capacity --price --address --professional --fee --max-fee --lane --valid -y --yes --wait' ;;
    wallet/assign) options='--fee --max-fee --lane --valid -y --yes --wait' ;;
    wallet/revoke) options='--fee --max-fee --lane --valid -y --yes --wait' ;;
    wallet/build) options='--reference --call --attach --signatures --chain --sequence --fee --valid-until --valid --max-fee --lane --node-key --bond --capacity --price --address --professional -o --output -f --force --cbor' ;;
    wallet/sign) options='--chain -y --yes -o --output -f --force --cbor' ;;
    wallet/join) options='-o --output -f --force --cbor' ;;
    wallet/submit) options='--wait' ;;
    wallet/descriptor) options='--threshold' ;;
    *) options= ;;
    esac
}

# Sets `verbs` of TOOL.
_cairn_verbs() {
    case $1 in
    demo) verbs='up status env kill heal corrupt faucet down' ;;
    prove) verbs='capacity storage' ;;
    query) verbs='status genesis supply peers head block tx mempool account providers value issuance' ;;
    verify) verbs='signature receipt link capacity storage tags transcript state' ;;
    wallet) verbs='balance history receipt send register assign revoke build sign join submit descriptor address' ;;
    *) verbs= ;;
    esac
}

# Sets `source` (and `words`) of the value of TOOL/VERB:OPTION; empty for a flag.
_cairn_value() {
    source= words=
    case $1 in
    audit/:--identity | audit/:-i) source=files ;;
    audit/:--passphrase-file) source=files ;;
    audit/:--passphrase-fd) source=nothing ;;
    audit/:--passphrase-command) source=nothing ;;
    audit/:--key) source=files ;;
    audit/:--sectors) source=nothing ;;
    audit/:--blocks | audit/:-n) source=nothing ;;
    audit/:--beacon) source=nothing ;;
    audit/:--receipts) source=files ;;
    audit/:--output | audit/:-o) source=files ;;
    audit/:--providers) source=files ;;
    audit/:--timeout) source=nothing ;;
    audit/:--trace) source=files ;;
    audit/:--progress) source=words words='auto bar plain json none' ;;
    call/:--identity | call/:-i) source=files ;;
    call/:--body) source=files ;;
    call/:--output | call/:-o) source=files ;;
    call/:--trace) source=files ;;
    call/:--timeout) source=nothing ;;
    call/:--progress) source=words words='auto bar plain json none' ;;
    chain-node/:--dir) source=directories ;;
    chain-node/:--genesis) source=files ;;
    chain-node/:--listen) source=nothing ;;
    chain-node/:--announce) source=nothing ;;
    chain-node/:--peer) source=nothing ;;
    chain-node/:--outbound) source=nothing ;;
    chain-node/:--checkpoint) source=nothing ;;
    chain-node/:--api) source=nothing ;;
    chain-node/:--metrics) source=files ;;
    chain-node/:--trace) source=files ;;
    chain-node/:--ready-fd) source=nothing ;;
    chain-node/:--mine) source=files ;;
    chain-node/:--reward) source=nothing ;;
    chain-node/:--order) source=words words='price time score' ;;
    chain-node/:--prune) source=nothing ;;
    chain-node/:--mempool) source=nothing ;;
    chain-node/:--account-max) source=nothing ;;
    chain-node/:--replay) source=files ;;
    chain-node/:--export) source=nothing ;;
    chain-node/:--print-genesis) source=nothing ;;
    chain-node/:--progress) source=words words='auto bar plain json none' ;;
    challenge/:--seed) source=nothing ;;
    challenge/:--blocks | challenge/:-n) source=nothing ;;
    challenge/:--output | challenge/:-o) source=files ;;
    challenge/:--progress) source=words words='auto bar plain json none' ;;
    decode/:--output | decode/:-o) source=files ;;
    decode/:--range) source=nothing ;;
    decode/:--id) source=nothing ;;
    decode/:--wait) source=nothing ;;
    decode/:--threads | decode/:-j) source=nothing ;;
    decode/:--progress) source=words words='auto bar plain json none' ;;
    decrypt/:--identity | decrypt/:-i) source=files ;;
    decrypt/:--passphrase-file) source=files ;;
    decrypt/:--passphrase-fd) source=nothing ;;
    decrypt/:--passphrase-command) source=nothing ;;
    decrypt/:--output | decrypt/:-o) source=files ;;
    decrypt/:--threads | decrypt/:-j) source=nothing ;;
    decrypt/:--progress) source=words words='auto bar plain json none' ;;
    encode/:--profile) source=words words='small wide archive cess' ;;
    encode/:--data | encode/:-k) source=nothing ;;
    encode/:--parity | encode/:-m) source=nothing ;;
    encode/:--segment) source=nothing ;;
    encode/:--directory | encode/:-d) source=directories ;;
    encode/:--output | encode/:-o) source=files ;;
    encode/:--threads | encode/:-j) source=nothing ;;
    encode/:--progress) source=words words='auto bar plain json none' ;;
    encrypt/:--recipient | encrypt/:-r) source=nothing ;;
    encrypt/:--recipients-file | encrypt/:-R) source=files ;;
    encrypt/:--identity | encrypt/:-i) source=files ;;
    encrypt/:--passphrase-file) source=files ;;
    encrypt/:--passphrase-fd) source=nothing ;;
    encrypt/:--passphrase-command) source=nothing ;;
    encrypt/:--output | encrypt/:-o) source=files ;;
    encrypt/:--files-from) source=files ;;
    encrypt/:--directory | encrypt/:-d) source=directories ;;
    encrypt/:--threads | encrypt/:-j) source=nothing ;;
    encrypt/:--progress) source=words words='auto bar plain json none' ;;
    get/:--output | get/:-o) source=files ;;
    get/:--range) source=nothing ;;
    get/:--providers) source=files ;;
    get/:--timeout) source=nothing ;;
    get/:--trace) source=files ;;
    get/:--progress) source=words words='auto bar plain json none' ;;
    inspect/:--progress) source=words words='auto bar plain json none' ;;
    keygen/:--output | keygen/:-o) source=files ;;
    keygen/:--passphrase-file) source=files ;;
    keygen/:--passphrase-fd) source=nothing ;;
    keygen/:--passphrase-command) source=nothing ;;
    keygen/:--progress) source=words words='auto bar plain json none' ;;
    ls/:--identity | ls/:-i) source=files ;;
    ls/:--passphrase-file) source=files ;;
    ls/:--passphrase-fd) source=nothing ;;
    ls/:--passphrase-command) source=nothing ;;
    ls/:--providers) source=files ;;
    ls/:--timeout) source=nothing ;;
    ls/:--trace) source=files ;;
    ls/:--progress) source=words words='auto bar plain json none' ;;
    miner/:--plots) source=directories ;;
    miner/:--node) source=nothing ;;
    miner/:--rounds) source=files ;;
    miner/:--deadline-max) source=nothing ;;
    miner/:--window) source=nothing ;;
    miner/:--keep-awake) source=nothing ;;
    miner/:--ready-fd) source=nothing ;;
    miner/:--progress) source=words words='auto bar plain json none' ;;
    plot/:--account) source=nothing ;;
    plot/:--chain) source=nothing ;;
    plot/:--form) source=words words='x1 poc2' ;;
    plot/:--salt) source=nothing ;;
    plot/:--scale) source=nothing ;;
    plot/:--start) source=nothing ;;
    plot/:--warps) source=nothing ;;
    plot/:--nonces) source=nothing ;;
    plot/:--size) source=nothing ;;
    plot/:--reserve) source=nothing ;;
    plot/:--directory | plot/:-d) source=directories ;;
    plot/:--threads) source=nothing ;;
    plot/:--memory) source=nothing ;;
    plot/:--band) source=nothing ;;
    plot/:--clean) source=directories ;;
    plot/:--progress) source=words words='auto bar plain json none' ;;
    prove/:--progress) source=words words='auto bar plain json none' ;;
    prove/capacity:--challenge) source=nothing ;;
    prove/capacity:--generation-signature) source=nothing ;;
    prove/capacity:--height) source=nothing ;;
    prove/capacity:--base-target) source=nothing ;;
    prove/capacity:--window) source=nothing ;;
    prove/capacity:--rounds) source=nothing ;;
    prove/storage:--challenge) source=files ;;
    prove/storage:--key) source=files ;;
    prove/storage:--tags) source=files ;;
    prove/storage:--output | prove/storage:-o) source=files ;;
    put/:--recursive) source=directories ;;
    put/:--files-from) source=files ;;
    put/:--identity | put/:-i) source=files ;;
    put/:--passphrase-file) source=files ;;
    put/:--passphrase-fd) source=nothing ;;
    put/:--passphrase-command) source=nothing ;;
    put/:--recipient | put/:-r) source=nothing ;;
    put/:--profile) source=words words='small wide archive cess' ;;
    put/:--data | put/:-k) source=nothing ;;
    put/:--parity | put/:-m) source=nothing ;;
    put/:--name) source=nothing ;;
    put/:--receipts) source=files ;;
    put/:--threads | put/:-j) source=nothing ;;
    put/:--sectors) source=nothing ;;
    put/:--providers) source=files ;;
    put/:--timeout) source=nothing ;;
    put/:--trace) source=files ;;
    put/:--progress) source=words words='auto bar plain json none' ;;
    query/:--node) source=nothing ;;
    query/:--dir) source=directories ;;
    query/:--timeout) source=nothing ;;
    query/:--progress) source=words words='auto bar plain json none' ;;
    query/head:--wait) source=nothing ;;
    query/account:--proof) source=files ;;
    query/providers:--proof) source=files ;;
    query/value:--proof) source=files ;;
    query/issuance:--genesis) source=files ;;
    query/issuance:--space) source=nothing ;;
    query/issuance:--years) source=nothing ;;
    query/issuance:--by) source=words words='year phase' ;;
    relay/:--listen) source=nothing ;;
    relay/:--to) source=nothing ;;
    relay/:--impair) source=files ;;
    relay/:--connections) source=nothing ;;
    relay/:--ready-fd) source=nothing ;;
    relay/:--progress) source=words words='auto bar plain json none' ;;
    repair/:--receipts) source=files ;;
    repair/:--identity | repair/:-i) source=files ;;
    repair/:--passphrase-file) source=files ;;
    repair/:--passphrase-fd) source=nothing ;;
    repair/:--passphrase-command) source=nothing ;;
    repair/:--providers) source=files ;;
    repair/:--timeout) source=nothing ;;
    repair/:--trace) source=files ;;
    repair/:--progress) source=words words='auto bar plain json none' ;;
    restore/:--identity | restore/:-i) source=files ;;
    restore/:--passphrase-file) source=files ;;
    restore/:--passphrase-fd) source=nothing ;;
    restore/:--passphrase-command) source=nothing ;;
    restore/:--words-file) source=files ;;
    restore/:--words-fd) source=nothing ;;
    restore/:--save-identity) source=files ;;
    restore/:--output | restore/:-o) source=directories ;;
    restore/:--providers) source=files ;;
    restore/:--timeout) source=nothing ;;
    restore/:--trace) source=files ;;
    restore/:--progress) source=words words='auto bar plain json none' ;;
    rm/:--identity | rm/:-i) source=files ;;
    rm/:--passphrase-file) source=files ;;
    rm/:--passphrase-fd) source=nothing ;;
    rm/:--passphrase-command) source=nothing ;;
    rm/:--providers) source=files ;;
    rm/:--timeout) source=nothing ;;
    rm/:--trace) source=files ;;
    rm/:--progress) source=words words='auto bar plain json none' ;;
    share/:--to | share/:-t) source=nothing ;;
    share/:--progress) source=words words='auto bar plain json none' ;;
    sign/:--identity | sign/:-i) source=files ;;
    sign/:--passphrase-file) source=files ;;
    sign/:--passphrase-fd) source=nothing ;;
    sign/:--passphrase-command) source=nothing ;;
    sign/:--output | sign/:-o) source=files ;;
    sign/:--trusted-comment | sign/:-t) source=nothing ;;
    sign/:--progress) source=words words='auto bar plain json none' ;;
    simnet/:--profile) source=files ;;
    simnet/:--solo) source=nothing ;;
    simnet/:--nodes) source=nothing ;;
    simnet/:--late) source=nothing ;;
    simnet/:--delay) source=nothing ;;
    simnet/:--lost) source=nothing ;;
    simnet/:--hours) source=nothing ;;
    simnet/:--seed) source=nothing ;;
    simnet/:--seeds) source=nothing ;;
    simnet/:--role) source=nothing ;;
    simnet/:--share) source=nothing ;;
    simnet/:--mutant) source=nothing ;;
    simnet/:--progress) source=words words='auto bar plain json none' ;;
    stat/:--providers) source=files ;;
    stat/:--timeout) source=nothing ;;
    stat/:--trace) source=files ;;
    stat/:--progress) source=words words='auto bar plain json none' ;;
    store/:--dir) source=directories ;;
    store/:--listen) source=nothing ;;
    store/:--announce) source=nothing ;;
    store/:--api) source=nothing ;;
    store/:--metrics) source=files ;;
    store/:--trace) source=files ;;
    store/:--ready-fd) source=nothing ;;
    store/:--key) source=files ;;
    store/:--grants) source=files ;;
    store/:--deny) source=files ;;
    store/:--capacity) source=nothing ;;
    store/:--reserve) source=nothing ;;
    store/:--trash) source=nothing ;;
    store/:--scrub) source=nothing ;;
    store/:--progress) source=words words='auto bar plain json none' ;;
    tag/:--identity | tag/:-i) source=files ;;
    tag/:--passphrase-file) source=files ;;
    tag/:--passphrase-fd) source=nothing ;;
    tag/:--passphrase-command) source=nothing ;;
    tag/:--sectors) source=nothing ;;
    tag/:--output | tag/:-o) source=files ;;
    tag/:--public) source=files ;;
    tag/:--prover) source=files ;;
    tag/:--threads | tag/:-j) source=nothing ;;
    tag/:--progress) source=words words='auto bar plain json none' ;;
    verify/:--progress) source=words words='auto bar plain json none' ;;
    verify/signature:--public-key | verify/signature:-p) source=nothing ;;
    verify/signature:--signature | verify/signature:-s) source=files ;;
    verify/receipt:--public-key | verify/receipt:-p) source=nothing ;;
    verify/capacity:--threads) source=nothing ;;
    verify/storage:--challenge) source=files ;;
    verify/storage:--key) source=files ;;
    verify/storage:--public-key | verify/storage:-p) source=nothing ;;
    verify/tags:--key) source=files ;;
    verify/tags:--public-key | verify/tags:-p) source=nothing ;;
    verify/tags:--tags) source=files ;;
    verify/tags:--threads | verify/tags:-j) source=nothing ;;
    verify/transcript:--key) source=files ;;
    verify/transcript:--public-key | verify/transcript:-p) source=nothing ;;
    verify/state:--block) source=nothing ;;
    verify/state:--header) source=files ;;
    verify/state:--chain) source=nothing ;;
    wallet/:--node) source=nothing ;;
    wallet/:--dir) source=directories ;;
    wallet/:--identity | wallet/:-i) source=files ;;
    wallet/:--account) source=nothing ;;
    wallet/:--from) source=nothing ;;
    wallet/:--passphrase-file) source=files ;;
    wallet/:--passphrase-fd) source=nothing ;;
    wallet/:--passphrase-command) source=nothing ;;
    wallet/:--timeout) source=nothing ;;
    wallet/:--progress) source=words words='auto bar plain json none' ;;
    wallet/history:--count | wallet/history:-n) source=nothing ;;
    wallet/history:--before) source=nothing ;;
    wallet/send:--reference) source=nothing ;;
    wallet/send:--call) source=nothing ;;
    wallet/send:--node-key) source=files ;;
    wallet/send:--fee) source=nothing ;;
    wallet/send:--max-fee) source=nothing ;;
    wallet/send:--lane) source=nothing ;;
    wallet/send:--valid) source=nothing ;;
    wallet/register:--node-key) source=files ;;
    wallet/register:--bond) source=nothing ;;
    wallet/register:--capacity) source=nothing ;;
    wallet/register:--price) source=nothing ;;
    wallet/register:--address) source=nothing ;;
    wallet/register:--fee) source=nothing ;;
    wallet/register:--max-fee) source=nothing ;;
    wallet/register:--lane) source=nothing ;;
    wallet/register:--valid) source=nothing ;;
    wallet/assign:--fee) source=nothing ;;
    wallet/assign:--max-fee) source=nothing ;;
    wallet/assign:--lane) source=nothing ;;
    wallet/assign:--valid) source=nothing ;;
    wallet/revoke:--fee) source=nothing ;;
    wallet/revoke:--max-fee) source=nothing ;;
    wallet/revoke:--lane) source=nothing ;;
    wallet/revoke:--valid) source=nothing ;;
    wallet/build:--reference) source=nothing ;;
    wallet/build:--call) source=nothing ;;
    wallet/build:--attach) source=nothing ;;
    wallet/build:--signatures) source=nothing ;;
    wallet/build:--chain) source=nothing ;;
    wallet/build:--sequence) source=nothing ;;
    wallet/build:--fee) source=nothing ;;
    wallet/build:--valid-until) source=nothing ;;
    wallet/build:--valid) source=nothing ;;
    wallet/build:--max-fee) source=nothing ;;
    wallet/build:--lane) source=nothing ;;
    wallet/build:--node-key) source=files ;;
    wallet/build:--bond) source=nothing ;;
    wallet/build:--capacity) source=nothing ;;
    wallet/build:--price) source=nothing ;;
    wallet/build:--address) source=nothing ;;
    wallet/build:--output | wallet/build:-o) source=files ;;
    wallet/sign:--chain) source=nothing ;;
    wallet/sign:--output | wallet/sign:-o) source=files ;;
    wallet/join:--output | wallet/join:-o) source=files ;;
    wallet/descriptor:--threshold) source=nothing ;;
    esac
}

_cairn_tools='audit call chain-node challenge decode decrypt demo encode encrypt get inspect keygen ls miner plot prove put query relay repair restore rm share sign simnet stat store tag verify wallet'

_cairn() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local tool=${1##*/} verb='' first=1 options verbs source words i
    COMPREPLY=()
    if [[ $tool == cairn ]]; then
        if ((COMP_CWORD == 1)); then
            mapfile -t COMPREPLY < <(compgen -W "$_cairn_tools help --list --help --version" -- "$current")
            return
        fi
        tool=${COMP_WORDS[1]}
        first=2
        if [[ $tool == help ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$_cairn_tools" -- "$current")
            return
        fi
    fi
    tool=${tool#cairn-}

    _cairn_verbs "$tool"
    for ((i = first; i < COMP_CWORD; ++i)); do
        [[ -z $verb && " $verbs " == *" ${COMP_WORDS[i]} "* ]] && verb=${COMP_WORDS[i]}
    done

    # bash splits "--name=value" in three words.
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    _cairn_value "$tool/$verb:$previous"
    [[ -z $source && -n $verb ]] && _cairn_value "$tool/:$previous"
    if [[ -z $source && $current == -* ]]; then
        _cairn_options "$tool/"
        words=$options
        if [[ -n $verb ]]; then
            _cairn_options "$tool/$verb"
            words="$options $words"
        fi
        source=words
    elif [[ -z $source && -n $verbs && -z $verb ]]; then
        words=$verbs
        source=words
    fi

    case $source in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    directories)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        ;;
    files | '')
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    esac
}

complete -F _cairn cairn
for _cairn_tool in $_cairn_tools; do complete -F _cairn "cairn-$_cairn_tool"; done
unset _cairn_tool
