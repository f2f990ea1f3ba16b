# Completion of the cairn tools for bash. Made by scripts/completions.

# Sets `options` of TOOL/VERB.
_cairn_options() {
    case $1 in
    *) options= ;;
    esac
}

# Sets `verbs` of TOOL.
_cairn_verbs() {
    case $1 in
    *) verbs= ;;
    esac
}

# Sets `source` (and `words`) of the value of TOOL/VERB:OPTION; empty for a flag.
_cairn_value() {
    source= words=
    case $1 in
    esac
}

_cairn_tools=''

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
