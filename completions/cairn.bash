# Completion of the cairn tools for bash. Made by scripts/completions.

# Sets `options` of TOOL/VERB.
_cairn_options() {
    case $1 in
    decode/) options='-o --output --range -f --force --id --check --repair --wait -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    decrypt/) options='-i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -f --force -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    encode/) options='--profile -k --data -m --parity --segment -d --directory -o --output -f --force -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    encrypt/) options='-r --recipient -R --recipients-file -i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -a --armor -f --force --files-from -0 --null -d --directory -j --threads -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    inspect/) options='-t --text -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    keygen/) options='-o --output --words -y --public --address --recipient --did --minisign --recover -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    sign/) options='-i --identity -p --passphrase --passphrase-file --passphrase-fd --passphrase-command -o --output -f --force -t --trusted-comment -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/) options='-h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/signature) options='-p --public-key -s --signature' ;;
    *) options= ;;
    esac
}

# Sets `verbs` of TOOL.
_cairn_verbs() {
    case $1 in
    verify) verbs='signature' ;;
    *) verbs= ;;
    esac
}

# Sets `source` (and `words`) of the value of TOOL/VERB:OPTION; empty for a flag.
_cairn_value() {
    source= words=
    case $1 in
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
    inspect/:--progress) source=words words='auto bar plain json none' ;;
    keygen/:--output | keygen/:-o) source=files ;;
    keygen/:--passphrase-file) source=files ;;
    keygen/:--passphrase-fd) source=nothing ;;
    keygen/:--passphrase-command) source=nothing ;;
    keygen/:--progress) source=words words='auto bar plain json none' ;;
    sign/:--identity | sign/:-i) source=files ;;
    sign/:--passphrase-file) source=files ;;
    sign/:--passphrase-fd) source=nothing ;;
    sign/:--passphrase-command) source=nothing ;;
    sign/:--output | sign/:-o) source=files ;;
    sign/:--trusted-comment | sign/:-t) source=nothing ;;
    sign/:--progress) source=words words='auto bar plain json none' ;;
    verify/:--progress) source=words words='auto bar plain json none' ;;
    verify/signature:--public-key | verify/signature:-p) source=nothing ;;
    verify/signature:--signature | verify/signature:-s) source=files ;;
    esac
}

_cairn_tools='decode decrypt encode encrypt inspect keygen sign verify'

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
