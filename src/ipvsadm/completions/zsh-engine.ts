import type { Facts } from './facts.js';

/** What the zsh script does; the tables' facts come from functions beside it, and from what is filled in here. */
export function zshEngine(facts: Facts): string {
  return `\
# Reads the words before the current one. It leaves command; given, the options; scheduler; virtual, the service, with
# the option that named it as protocol.
_ipvsadm_read()
{
  local word name kind argument pending=''
  local -i i
  for word in "\${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n $pending && ( $argument == required || $word != -* ) ]]; then
      _ipvsadm_note $pending "$word"
      pending=''
      continue
    fi
    pending=''
    case $word in
      (--) return ;;
      (--*=*)
        _ipvsadm_find \${word%%=*}
        _ipvsadm_note $name "\${word#*=}"
        ;;
      (--*)
        _ipvsadm_find $word
        _ipvsadm_pass
        ;;
      (-?*)
        for (( i = 2; i <= $#word; i++ )); do
          _ipvsadm_find -$word[i]
          if [[ $argument != none && $i -lt $#word ]]; then
            _ipvsadm_note $name "\${word[i+1,-1]#=}"
            break
          fi
          _ipvsadm_pass
        done
        ;;
    esac
  done
}

# Passes an option without its value: that is the next word.
_ipvsadm_pass()
{
  if [[ $argument == none ]]; then
    _ipvsadm_note $name
  else
    pending=$name
  fi
}

# Notes an option, or the command, which must come first, and its value.
_ipvsadm_note()
{
  local name kind argument
  _ipvsadm_find --$1
  if [[ -z $command ]]; then
    command=unknown
    [[ $kind == command ]] && command=$name
  fi
  given+=($name)
  [[ $name == ${facts.scheduler} ]] && scheduler=$2
  if [[ $kind == service ]]; then
    protocol=$name
    virtual=$2
  fi
}

# The rules there are; nothing when the program may not read them.
_ipvsadm_rules()
{
  local program=\${(Q)words[1]}
  [[ $program == '~/'* ]] && program=$HOME/\${program#'~/'}
  $program -Sn 2>/dev/null </dev/null
}

# Completes the virtual services that the option $1 may name, unless the command, one of the others, is to add one.
_ipvsadm_services()
{
  local rule option value rest name kind argument expl
  local -a found
  (( $@[(Ie)$command] )) || _ipvsadm_rules | while IFS=' ' read -r rule option value rest; do
    [[ $rule == ${facts.addService} ]] && _ipvsadm_find $option && [[ $name == $1 ]] || continue
    [[ -n \${given[(r)${facts.ipv6Name}]} && $rest != '${facts.ipv6} '* ]] || found+=("$value")
  done
  _ipvsadm_add virtual-services 'virtual service'
}

# Completes the real servers of the virtual service on the line, unless the command is to add one.
_ipvsadm_servers()
{
  local rule option value rest name kind argument expl family='${facts.realServer} '
  local -a found
  [[ -n \${given[(r)${facts.ipv6Name}]} ]] && family='${facts.ipv6} ${facts.realServer} '
  (( $@[(Ie)$command] )) || _ipvsadm_rules | while IFS=' ' read -r rule option value rest; do
    [[ $rule == ${facts.addServer} && $value == "$virtual" && $rest == "$family"* ]] || continue
    _ipvsadm_find $option && [[ $name == $protocol ]] || continue
    found+=("\${\${rest#$family}%% *}")
  done
  _ipvsadm_add real-servers 'real server'
}

# Adds what can be an address or a mark, and nothing else that a program may have printed.
_ipvsadm_add()
{
  local expl
  found=(\${(M)found:#[][0-9A-Fa-f.:]##})
  _wanted $1 expl $2 compadd -a found
}

_ipvsadm_interfaces()
{
  local expl
  _wanted interfaces expl interface compadd - /sys/class/net/*(N-/:t)
}

_ipvsadm()
{
  local curcontext=$curcontext command='' protocol='' virtual='' scheduler=''
  local -a given specs
  typeset -A opt_args
  case $service in
    (ipvsadm-*) command=$service ;;
  esac
  _ipvsadm_read
  _ipvsadm_specs
  if (( $#specs == 0 )); then
    _message 'no more arguments'
    return
  fi
  _arguments -s -S : $specs
}

if [[ $funcstack[1] == _ipvsadm ]]; then
  _ipvsadm "$@"
else
  compdef _ipvsadm ipvsadm ipvsadm-save ipvsadm-restore
fi
`;
}
