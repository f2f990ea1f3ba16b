# Completion of the cairn tools for fish. Made by scripts/completions.

complete -c cairn -n '__fish_seen_subcommand_from help' -a ''

# "cairn TOOL ..." is completed as "cairn-TOOL ..." is.
function __cairn_tool_completions
    set -l words (commandline -opc) (commandline -ct)
    set -l last (count $words)
    set -l line cairn-$words[2]
    test $last -gt 3; and set line $line (string escape -- $words[3..(math $last - 1)])
    complete -C "$line $words[$last]"
end

complete -c cairn -f
complete -c cairn -n __fish_use_subcommand -a help -d 'Open a manual page'
complete -c cairn -n __fish_use_subcommand -l list -d 'List the tools'
complete -c cairn -n __fish_use_subcommand -s h -l help -d 'Show help'
complete -c cairn -n __fish_use_subcommand -s V -l version -d 'Show the release'
complete -c cairn -n 'not __fish_use_subcommand' -a '(__cairn_tool_completions)'
