import { allVerbs, isKnown, pathPatterns } from './tree.js';
import type { Value, Node } from './tree.js';

/** The script that makes bash complete ipvs. It needs nothing of the package bash-completion. */
export function bashCompletion(program: Node): string {
  const verbs = allVerbs(program);
  const paths = pathPatterns(program);
  return `# bash completion of ipvs. Made from the program's own description of its verbs.

_ipvs()
{
    local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' word
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

_ipvs_words()
{
    # Only words of these tables come here: nothing of them is a pattern.
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_ipvs_interfaces()
{
    local name names=''
    for name in /sys/class/net/*; do
        [[ -L $name ]] && names+=" \${name##*/}"
    done
    _ipvs_words "$names"
}

# Services and real servers in the kernel. Readline completes what is behind the last colon of a word.
_ipvs_known()
{
    local line=\${COMP_LINE:0:COMP_POINT} whole word behind=''
    whole=\${line##*[[:space:]]}
    [[ $COMP_WORDBREAKS == *:* ]] && behind=\${whole%"\${whole##*:}"}
    while IFS= read -r word; do
        [[ $word == "$whole"* ]] && COMPREPLY+=("\${word#"$behind"}")
    done < <(ipvs complete "$1" 2>/dev/null)
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
  const deeds = [`_ipvs_words '${[...words, ...options].join(' ')}'`];
  if (verb.argument !== undefined) {
    deeds.unshift(`if [[ $current != -* ]]; then ${offer(verb.argument)}; return; fi`);
  }
  return `        '${prefix(verb)}') ${deeds.join('; ')} ;;`;
}

function offer(value: Value): string {
  if (value === 'file')
    return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")';
  if (value === 'folder')
    return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current")';
  if (value === 'interface') return '_ipvs_interfaces';
  if (isKnown(value)) return `_ipvs_known ${value}`;
  return value === 'unknown' ? ':' : `_ipvs_words '${value.join(' ')}'`;
}
