# Completion of the cairn tools for bash. Made by scripts/completions.

# Sets `options` of TOOL/VERB.
_cairn_options() {
    case $1 in
    demo/) options='-h --help -V --version --json -q --quiet -v --verbose' ;;
    inspect/) options='-t --text --trace -h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/) options='-h --help -V --version --json -q --quiet -v --verbose --progress' ;;
    verify/signature) options='-p --public-key -s --signature' ;;
    verify/receipt) options='-p --public-key' ;;
    verify/capacity) options='--threads' ;;
    verify/storage) options='--challenge --key -p --public-key' ;;
    verify/tags) options='--key -p --public-key --tags -j --threads' ;;
    verify/transcript) options='--key -p --public-key' ;;
    verify/state) options='--block --header --chain' ;;
    *) options= ;;
    esac
}

# Sets `verbs` of TOOL.
_cairn_verbs() {
    case $1 in
    demo) verbs='up status env kill heal corrupt down' ;;
    verify) verbs='signature receipt link capacity storage tags transcript state' ;;
    *) verbs= ;;
    esac
}

# Sets `source` (and `words`) of the value of TOOL/VERB:OPTION; empty for a flag.
_cairn_value() {
    source= words=
    case $1 in
    inspect/:--progress) source=words words='auto bar plain json none' ;;
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
    esac
}

_cairn_tools='demo inspect verify'

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
