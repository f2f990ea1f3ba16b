# Completion of the cairn tools for fish. Made by scripts/completions.

complete -c cairn -n __fish_use_subcommand -a demo -d 'Run a storage network on this machine, to try things with'
complete -c cairn-demo -s h -l help -d 'Show this help'
complete -c cairn-demo -s V -l version -d 'Show the release and the formats it speaks'
complete -c cairn-demo -l json -d 'Write results and messages as JSON'
complete -c cairn-demo -s q -l quiet -d 'Show nothing but errors'
complete -c cairn-demo -s v -l verbose -d 'Tell more'
complete -c cairn-demo -n __fish_use_subcommand -f -a up -d 'Start providers'
complete -c cairn-demo -n __fish_use_subcommand -f -a status -d 'Show how they are'
complete -c cairn-demo -n __fish_use_subcommand -f -a env -d 'Print what a shell needs to use them'
complete -c cairn-demo -n __fish_use_subcommand -f -a kill -d 'Kill providers, as a crash does'
complete -c cairn-demo -n __fish_use_subcommand -f -a heal -d 'Start those that are down'
complete -c cairn-demo -n __fish_use_subcommand -f -a corrupt -d 'Flip bits in all shards that providers have stored'
complete -c cairn-demo -n __fish_use_subcommand -f -a down -d 'Stop all and remove all that was stored'

complete -c cairn -n __fish_use_subcommand -a inspect -d 'Show what any object of the project is and holds'
complete -c cairn-inspect -s t -l text -d 'Show lines of text instead of JSON'
complete -c cairn-inspect -l trace -d 'FILE is what --trace of another tool has written'
complete -c cairn-inspect -s h -l help -d 'Show this help'
complete -c cairn-inspect -s V -l version -d 'Show the release and the formats it speaks'
complete -c cairn-inspect -l json -d 'Write results and messages as JSON'
complete -c cairn-inspect -s q -l quiet -d 'Show nothing but errors'
complete -c cairn-inspect -s v -l verbose -d 'Tell more; -vv tells even more'
complete -c cairn-inspect -l progress -x -a 'auto bar plain json none' -d 'Show progress so'

complete -c cairn -n __fish_use_subcommand -a verify -d 'Check what others claim: 0 is yes, 1 is no'
complete -c cairn-verify -s h -l help -d 'Show this help'
complete -c cairn-verify -s V -l version -d 'Show the release and the formats it speaks'
complete -c cairn-verify -l json -d 'Write results and messages as JSON'
complete -c cairn-verify -s q -l quiet -d 'Show nothing but errors'
complete -c cairn-verify -s v -l verbose -d 'Tell more; -vv tells even more'
complete -c cairn-verify -l progress -x -a 'auto bar plain json none' -d 'Show progress so'
complete -c cairn-verify -n __fish_use_subcommand -f -a signature -d 'Check a detached signature of a file'
complete -c cairn-verify -n '__fish_seen_subcommand_from signature' -s p -l public-key -x -d 'Whose signature: RW..., cairn1..., did:key:... or a file with one'
complete -c cairn-verify -n '__fish_seen_subcommand_from signature' -s s -l signature -r -F -d 'The signature; FILE.minisig if not given'
complete -c cairn-verify -n __fish_use_subcommand -f -a receipt -d 'Check providers\' receipts, and list what they are for'
complete -c cairn-verify -n '__fish_seen_subcommand_from receipt' -s p -l public-key -x -d 'Whose receipts: cairn1..., RW..., did:key:... or a file with one'
complete -c cairn-verify -n __fish_use_subcommand -f -a link -d 'Check that a link is complete and not mistyped'
complete -c cairn-verify -n __fish_use_subcommand -f -a capacity -d 'Check answers to rounds of a chain, without a plot'
complete -c cairn-verify -n '__fish_seen_subcommand_from capacity' -l threads -x -d 'Compute in N threads; all cores'
complete -c cairn-verify -n __fish_use_subcommand -f -a storage -d 'Check a proof that shards are stored'
complete -c cairn-verify -n '__fish_seen_subcommand_from storage' -l challenge -r -F -d 'What was asked'
complete -c cairn-verify -n '__fish_seen_subcommand_from storage' -l key -r -F -d 'The owner\'s audit key'
complete -c cairn-verify -n '__fish_seen_subcommand_from storage' -s p -l public-key -x -d 'Refuse the key of anybody else'
complete -c cairn-verify -n __fish_use_subcommand -f -a tags -d 'Check all tags of a shard before promising to prove it'
complete -c cairn-verify -n '__fish_seen_subcommand_from tags' -l key -r -F -d 'The owner\'s prover key'
complete -c cairn-verify -n '__fish_seen_subcommand_from tags' -s p -l public-key -x -d 'Refuse the key of anybody else'
complete -c cairn-verify -n '__fish_seen_subcommand_from tags' -l tags -r -F -d 'The tags; SHARD.tag if not given'
complete -c cairn-verify -n '__fish_seen_subcommand_from tags' -s j -l threads -x -d 'Compute in N threads; all cores'
complete -c cairn-verify -n __fish_use_subcommand -f -a transcript -d 'Check what came of an audit, without a provider'
complete -c cairn-verify -n '__fish_seen_subcommand_from transcript' -l key -r -F -d 'Refuse an audit with another audit key'
complete -c cairn-verify -n '__fish_seen_subcommand_from transcript' -s p -l public-key -x -d 'Refuse any other auditor'
complete -c cairn-verify -n __fish_use_subcommand -f -a state -d 'Check a proof of what a chain\'s state has, or has not'
complete -c cairn-verify -n '__fish_seen_subcommand_from state' -l block -x -d 'Refuse a proof about another block'
complete -c cairn-verify -n '__fish_seen_subcommand_from state' -l header -r -F -d 'The same: the block has this header'
complete -c cairn-verify -n '__fish_seen_subcommand_from state' -l chain -x -d 'Refuse a proof about another chain'

complete -c cairn -n '__fish_seen_subcommand_from help' -a 'demo inspect verify'

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
