import { allVerbs, isKnown, pathPatterns, places, valueSpellings } from './tree.js';
import type { Value, Node } from './tree.js';

/** The script that makes bash complete ipvs. It needs nothing of the package bash-completion. */
export function bashCompletion(program: Node): string {
  const verbs = allVerbs(program);
  const paths = pathPatterns(program);
  const taking = valueSpellings(program).map((spelling) => `'${spelling}'`);
  return `# bash completion of ipvs. Made from the program's own description of its verbs.

_ipvs()
{
    local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' word
    local place
    _ipvs_place
    COMPREPLY=()
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$path $word" in
            ${paths.join(' | ')}) path="$path $word" ;;
        esac
    done
    case "$path $before" in
${verbs.flatMap(valueCases).join('\n')}
    esac
    case "$path" in
${verbs.map(offerCase).join('\n')}
    esac
}

# The number of the argument that is typed, from 1. Bash divides words at colons too, so the line is looked at.
_ipvs_place()
{
    local line=\${COMP_LINE:0:COMP_POINT} typed one last='' at=''
    place=1
    read -ra typed <<< "\${line%"\${line##*[[:space:]]}"}"
    for one in "\${typed[@]:1}"; do
        case "$at $one" in
            ${paths.join(' | ')}) at="$at $one"; continue ;;
        esac
        case "$last" in
            ${taking.join(' | ')}) last=''; continue ;;
        esac
        last=$one
        [[ $one == -* ]] || place=$((place + 1))
    done
}

_ipvs_words()
{
    # Only words of these tables come here: nothing of them is a pattern.
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

# Words with colons or equals signs. Readline completes what is behind the last of these.
_ipvs_among()
{
    local line=\${COMP_LINE:0:COMP_POINT} whole word behind='' breaks=''
    whole=\${line##*[[:space:]]}
    [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
    [[ -n $breaks && $whole == *[$breaks]* ]] && behind=\${whole%"\${whole##*[$breaks]}"}
    while IFS= read -r word; do
        [[ $word == "$whole"* ]] || continue
        [[ $word == *= ]] && compopt -o nospace
        COMPREPLY+=("\${word#"$behind"}")
    done
}

_ipvs_interfaces()
{
    local name names=''
    for name in /sys/class/net/*; do
        [[ -L $name ]] && names+=" \${name##*/}"
    done
    _ipvs_words "$names"
}

# Services and real servers in the kernel.
_ipvs_known()
{
    _ipvs_among < <(ipvs complete "$1" 2>/dev/null)
}

complete -F _ipvs ipvs
`;
}

const prefix = ({ path }: Node) => path.map((word) => ` ${word}`).join('');

function valueCases(verb: Node): string[] {
  return verb.options.flatMap(({ spellings, value }) => {
    if (value === undefined) return [];
    const patterns = spellings.map((name) => `'${prefix(verb)} ${name}'`).join(' | ');
    return [`        ${patterns}) ${offer(value)}; return ;;`];
  });
}

function offerCase(verb: Node): string {
  const options = verb.options.flatMap(({ spellings }) => spellings);
  const words = verb.verbs.length > 0 ? verb.verbs.map(({ path }) => path.at(-1) ?? '') : [];
  const actions = [`_ipvs_words '${[...words, ...options].join(' ')}'`];
  const cases = places(verb).map(({ place, values, isVariadic }) => {
    return `${isVariadic ? '*' : place}) ${values.map(offer).join('; ')} ;;`;
  });
  if (cases.length > 0) {
    actions.unshift(
      `if [[ $current != -* ]]; then case $place in ${cases.join(' ')} esac; return; fi`,
    );
  }
  return `        '${prefix(verb)}') ${actions.join('; ')} ;;`;
}

function offer(value: Value): string {
  if (value === 'file')
    return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")';
  if (value === 'folder')
    return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current")';
  if (value === 'interface') return '_ipvs_interfaces';
  if (isKnown(value)) return `_ipvs_known ${value}`;
  if (value === 'unknown') return ':';
  const words = value.join(' ');
  // Without a file, so that nothing is expanded.
  return words.includes('=')
    ? `_ipvs_among < <(printf '%s\\n' ${words})`
    : `_ipvs_words '${words}'`;
}
