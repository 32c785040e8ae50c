import type { Facts } from './facts.js';

/** What the fish script does; the tables' facts come from lines beside it, and from what is filled in here. */
export function fishEngine(facts: Facts): string {
  return `\
# Reads the words before the cursor. It leaves the program, the command, the options given, and the virtual service. An
# option whose value is being typed does not count yet.
function __ipvsadm_read
    set -g __ipvsadm_command
    set -g __ipvsadm_given
    set -g __ipvsadm_service
    set -g __ipvsadm_scheduler
    set -l words (commandline -opc)
    set -g __ipvsadm_program $words[1]
    set -l pending
    for word in $words[2..-1]
        if set -q pending[1]
            if test $pending[3] = required; or not string match -q -- '-*' $word
                __ipvsadm_note $pending[1..2] $word
                set pending
                continue
            end
            set pending
        end
        switch $word
            case --
                return
            case '--*=*'
                set -l parts (string split -m 1 -- = $word)
                __ipvsadm_note (__ipvsadm_find $parts[1])[1..2] $parts[2]
            case '--*'
                set pending (__ipvsadm_find $word)
                test $pending[3] = required; or __ipvsadm_note $pending[1..2]
                test $pending[3] = none; and set pending
            case '-?*'
                set -l letters (string split '' -- (string sub -s 2 -- $word))
                while set -q letters[1]
                    set pending (__ipvsadm_find -$letters[1])
                    set -e letters[1]
                    if test $pending[3] != none; and set -q letters[1]
                        __ipvsadm_note $pending[1..2] (string join '' -- $letters | string replace -r '^=' '')
                        set pending
                        break
                    end
                    test $pending[3] = required; or __ipvsadm_note $pending[1..2]
                    test $pending[3] = none; and set pending
                end
        end
    end
end

# Notes an option, or the command, which must come first.
function __ipvsadm_note --argument-names kind name value
    if not set -q __ipvsadm_command[1]
        set -g __ipvsadm_command unknown
        test $kind = command; and set -g __ipvsadm_command $name
    end
    set -ga __ipvsadm_given $name
    test $name = ${facts.scheduler}; and set -g __ipvsadm_scheduler $value
    test $kind = service; and set -g __ipvsadm_service $name $value
end

# Whether the command is still to come.
function __ipvsadm_begins
    __ipvsadm_read
    not set -q __ipvsadm_command[1]
end

# Whether the command is one of the first list, and no option of the second is given.
function __ipvsadm_offers --argument-names commands excluding
    __ipvsadm_read
    contains -- "$__ipvsadm_command" (string split ' ' -- $commands)
    or return
    for name in (string split ' ' -- $excluding)
        contains -- $name $__ipvsadm_given
        and return 1
    end
    return 0
end

# Words with what they stand for, in turn.
function __ipvsadm_words
    printf '%s\\t%s\\n' $argv
end

# The same for the next place of a comma list; before each word the scheduler that it goes with, or nothing.
function __ipvsadm_list
    set -l token (commandline -ct | string replace -r -- '^(--[^=]*=|-[^-,]*?${facts.listLetters}=?)' '')
    set -l places (string split , -- $token)
    set -e places[-1]
    set -l before (string join , -- $places '')
    __ipvsadm_read
    while set -q argv[3]
        contains -- $argv[2] $places
        or test -n "$argv[1]" -a -n "$__ipvsadm_scheduler" -a "$argv[1]" != "$__ipvsadm_scheduler"
        or printf '%s\\t%s\\n' $before$argv[2] $argv[3]
        set -e argv[1..3]
    end
end

# The rules there are; nothing when the program may not read them.
function __ipvsadm_rules
    set -l program $__ipvsadm_program
    string match -q -- '~/*' $program
    and set program $HOME/(string sub -s 3 -- $program)
    type -q -- $program
    and $program -Sn 2>/dev/null </dev/null
end

# The virtual services that rules name by the option, unless the command, one of the others, is to add one. Of what the
# program prints only that counts which can be an address or a mark.
function __ipvsadm_services --argument-names option
    __ipvsadm_read
    contains -- "$__ipvsadm_command" $argv[2..-1]
    and return
    set -l family
    contains -- ${facts.ipv6Name} $__ipvsadm_given
    and set family ' ${facts.ipv6}'
    __ipvsadm_rules | string replace -rf -- "^${facts.addService} $option ([][0-9A-Fa-f.:]+)$family .*" '$1\\tvirtual service'
end

# The real servers of the virtual service on the line, unless the command is to add one.
function __ipvsadm_servers
    __ipvsadm_read
    contains -- "$__ipvsadm_command" $argv
    and return
    set -q __ipvsadm_service[2]
    or return
    set -l family ${facts.realServer}
    contains -- ${facts.ipv6Name} $__ipvsadm_given
    and set family ${facts.ipv6} ${facts.realServer}
    set -l place (math 4 + (count $family))
    for rule in (__ipvsadm_rules | string match -- "${facts.addServer} * $__ipvsadm_service[2] *")
        set -l words (string split ' ' -- $rule)
        test "$words[3]" = "$__ipvsadm_service[2]"
        and test "$words[4..$place]" = "$family $words[$place]"
        and test (__ipvsadm_find "$words[2]")[2] = $__ipvsadm_service[1]
        and string replace -rf -- '^[][0-9A-Fa-f.:]+$' '$0\\treal server' "$words[$place]"
    end
end

function __ipvsadm_interfaces
    for path in /sys/class/net/*/
        printf '%s\\tinterface\\n' (string replace -r -- '^.*/([^/]*)/$' '$1' $path)
    end
end

for name in ipvsadm ipvsadm-save ipvsadm-restore
    # The file may be read once for each of them.
    complete -c $name -e
    complete -c $name -f
    # Commands and options begin with a dash, but need not be asked for with one.
    complete -c $name -n 'not string length -q -- (commandline -ct)' -a '(complete -C (commandline -cp)-)'
end
`;
}
