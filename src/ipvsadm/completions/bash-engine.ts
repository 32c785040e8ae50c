import type { Facts } from './facts.js';

/** What the bash script does; the tables' facts come from functions beside it, and from what is filled in here. */
export function bashEngine(facts: Facts): string {
  return `\
# The words up to the cursor, with quotes removed and nothing expanded, since the shell's own COMP_WORDS are split at
# colons: words, of which the last is to be completed. Of that one: start, from where on readline will replace it;
# quote, that is open in it; redirected, when it names a file.
_ipvsadm_split()
{
    local line=\${COMP_LINE:0:COMP_POINT} char word='' begun=''
    local -i i
    words=() start=0 quote='' redirected=''
    for ((i = 0; i < \${#line}; i++)); do
        char=\${line:i:1}
        case $quote$char in
            "''" | '""') quote='' start=\${#word} ;;
            \\"\\\\) i+=1 && word+=\${line:i:1} ;;
            \\'? | '"'?) word+=$char ;;
            \\' | '"') quote=$char start=\${#word} begun=yes ;;
            \\\\) i+=1 && word+=\${line:i:1} ;;
            ' ' | $'\\t' | $'\\n') _ipvsadm_end_word ;;
            '<' | '>')
                # What stands before it is a descriptor's number.
                [[ $word == *[!0-9]* ]] && _ipvsadm_end_word
                word='' start=0 begun='' redirected=yes
                ;;
            *)
                word+=$char
                [[ $COMP_WORDBREAKS == *"$char"* ]] && start=\${#word}
                ;;
        esac
    done
    words+=("$word")
}

_ipvsadm_end_word()
{
    if [[ -n $word$begun ]]; then
        [[ -n $redirected ]] || words+=("$word")
        redirected=''
    fi
    word='' start=0 begun=''
}

# Reads the words before the last one. It leaves command; given, the options; service with its kind, as -t would have
# it; pending, the option whose value the last word is, or may be.
_ipvsadm_read()
{
    local word
    for word in "\${words[@]:1:\${#words[@]}-2}"; do
        if [[ -n $pending && ($argument == required || $word != -*) ]]; then
            _ipvsadm_take "$word"
            continue
        fi
        pending=''
        _ipvsadm_read_word "$word"
        [[ -n $attached ]] && _ipvsadm_take "$value"
    done
}

# Reads one word: with attached, it has the value of the option that is pending.
_ipvsadm_read_word()
{
    local -i i
    attached='' value=''
    [[ -n $over ]] && return
    case $1 in
        --) over=yes ;;
        --*)
            _ipvsadm_note "\${1%%=*}" || return
            [[ $1 == *=* ]] && attached=yes value=\${1#*=}
            ;;
        -?*)
            for ((i = 1; i < \${#1}; i++)); do
                _ipvsadm_note "-\${1:i:1}" || return
                [[ -n $pending ]] || continue
                value=\${1:i+1}
                [[ -n $value ]] && attached=yes value=\${value#=}
                return
            done
            ;;
    esac
}

_ipvsadm_note()
{
    local name kind
    _ipvsadm_find "$1" || name=unknown kind='' argument=none
    if [[ -z $command ]]; then
        command=unknown
        [[ $kind == command ]] && command=$name
    fi
    given+="$name "
    [[ $argument == none ]] || pending=$name
}

_ipvsadm_take()
{
    case $pending in
        ${facts.services.join(' | ')}) protocol=$pending service=$1 ;;
        ${facts.scheduler}) scheduler=$1 ;;
    esac
    pending=''
}

# Offers the spellings of an option, unless one is given that excludes it.
_ipvsadm_offer()
{
    local name
    for name in "\${@:2}"; do
        [[ $given == *" $name "* ]] && return
    done
    IFS=' ' read -ra name <<<"$1"
    candidates+=("\${name[@]}")
}

# Offers words for the next place of a comma list: of those that begin with a scheduler's name and a colon, that one's.
_ipvsadm_list()
{
    local word done=''
    [[ $current == *,* ]] && done=\${current%,*},
    for word; do
        [[ $word == *:* && -n $scheduler && \${word%%:*} != "$scheduler" ]] && continue
        word=\${word#*:}
        [[ ,$done == *",$word,"* ]] || candidates+=("$done$word")
    done
}

# The rules there are; nothing when the program may not read them.
_ipvsadm_rules()
{
    local program=\${words[0]}
    [[ $program == \\~/* ]] && program=$HOME/\${program:2}
    "$program" -Sn 2>/dev/null </dev/null
}

# Offers the virtual services that the option $1 may name, unless the command, one of the others, is to add one.
_ipvsadm_services()
{
    local rules rule option value rest name kind argument
    [[ " \${*:2} " == *" $command "* ]] && return
    { rules=$(_ipvsadm_rules); } 2>/dev/null
    while IFS=' ' read -r rule option value rest; do
        [[ $rule == ${facts.addService} ]] || continue
        [[ $given == *' ${facts.ipv6Name} '* && $rest != '${facts.ipv6} '* ]] && continue
        if _ipvsadm_find "$option" && [[ $name == "$1" ]]; then _ipvsadm_add "$value"; fi
    done <<<"$rules"
}

# Offers the real servers of the virtual service on the line, unless the command is to add one.
_ipvsadm_servers()
{
    local rules rule option value rest name kind argument family='${facts.realServer} '
    [[ " $* " == *" $command "* ]] && return
    [[ $given == *' ${facts.ipv6Name} '* ]] && family='${facts.ipv6} ${facts.realServer} '
    { rules=$(_ipvsadm_rules); } 2>/dev/null
    while IFS=' ' read -r rule option value rest; do
        [[ $rule == ${facts.addServer} && $value == "$service" && $rest == "$family"* ]] || continue
        rest=\${rest#"$family"}
        if _ipvsadm_find "$option" && [[ $name == "$protocol" ]]; then _ipvsadm_add "\${rest%% *}"; fi
    done <<<"$rules"
}

# Offers what can be an address or a mark, and nothing else that a program may have printed.
_ipvsadm_add()
{
    [[ -n $1 && $1 != *[!][0123456789ABCDEFabcdef.:]* ]] && candidates+=("$1")
}

_ipvsadm_interfaces()
{
    local path
    while IFS= read -r path; do
        path=\${path%/}
        [[ -n $path ]] && candidates+=("\${path##*/}")
    done <<<"$(compgen -G '/sys/class/net/*/')"
}

# Offers what may stand in the place of the last word.
_ipvsadm_candidates()
{
    local current=\${words[-1]} before=$given
    [[ -n $over ]] && return
    if [[ -n $pending && ($argument == required || $current != -*) ]]; then
        _ipvsadm_values "$pending"
        [[ $argument == required || -n $current ]] && return
    fi
    case $current in
        --*=* | -[!-]?*)
            pending=''
            _ipvsadm_read_word "$current"
            given=$before
            if [[ -n $attached ]]; then
                prefix=\${current%"$value"} current=$value
                _ipvsadm_values "$pending"
                return
            fi
            ;;
    esac
    [[ -z $current || $current == -* ]] && _ipvsadm_offers
}

# The part of a candidate that readline puts in, so that the shell reads it as it stands.
_ipvsadm_quote()
{
    local quoted=$1
    case $quote in
        \\') [[ $1 != *\\'* ]] || return ;;
        '"') [[ $1 != *[\\"\\$\\\`\\\\]* ]] || return ;;
        *) [[ $1 != *[!A-Za-z0-9.,:=_-]* ]] || printf -v quoted %q "$1" ;;
    esac
    COMPREPLY+=("$quoted")
}

_ipvsadm()
{
    local words start quote redirected prefix='' candidate
    local command='' given=' ' protocol='' service='' scheduler='' pending='' attached='' value='' argument='' over=''
    local candidates=()
    COMPREPLY=()
    _ipvsadm_split
    if [[ -n $redirected ]]; then
        compopt -o default 2>/dev/null
        return
    fi
    ((\${#words[@]} > 1)) || return
    case \${words[0]##*/} in
        ipvsadm-*) command=\${words[0]##*/} ;;
    esac
    _ipvsadm_read
    _ipvsadm_candidates
    for candidate in "\${candidates[@]}"; do
        candidate=$prefix$candidate
        [[ $candidate == "\${words[-1]}"* ]] && _ipvsadm_quote "\${candidate:start}"
    done
}

complete -F _ipvsadm ipvsadm ipvsadm-save ipvsadm-restore
`;
}
