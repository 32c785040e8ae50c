import { allVerbs, isKnown, pathPatterns, places } from './tree.js';
import type { OptionWords, Value, Node } from './tree.js';

/** The script that makes zsh complete ipvs. */
export function zshCompletion(program: Node): string {
  const verbs = allVerbs(program);
  const paths = pathPatterns(program);
  return `#compdef ipvs
# zsh completion of ipvs. Made from the program's own description of its verbs.

_ipvs()
{
    local at='' word
    integer depth=1
    local -a verbs
    for word in "\${(@)words[2,CURRENT-1]}"; do
        case "$at $word" in
            ${paths.join(' | ')})
                at="$at $word"
                depth+=1
                ;;
        esac
    done
    # What is left are the options and arguments of the verb.
    words=("\${(@)words[depth,-1]}")
    CURRENT=$(( CURRENT - depth + 1 ))
    case "$at" in
${verbs.map(verbCase).join('\n')}
    esac
}

# Services and real servers in the kernel.
_ipvs_known()
{
    local -a known
    known=(\${(f)"$(ipvs complete $1 2>/dev/null)"})
    compadd -a known
}

_ipvs "$@"
`;
}

function verbCase(verb: Node): string {
  const { path, verbs, options } = verb;
  const lines = [
    ...options.map(optionLine),
    ...(verbs.length > 0 ? [`'1: :->verbs'`] : []),
    ...places(verb).map(({ place, values, isVariadic }) => {
      const names = values.map(nameOf).join(' or ');
      return `'${isVariadic ? '*' : place}:${names}:${together(values)}'`;
    }),
  ];
  const names = verbs.map((one) => quoted(`${one.path.at(-1) ?? ''}:${one.summary}`));
  return `        '${path.map((word) => ` ${word}`).join('')}')
            verbs=(${names.join(' ')})
            _arguments -s : \\
                ${lines.join(' \\\n                ')} && return
            (( $#verbs )) && _describe verb verbs
            ;;`;
}

function optionLine({ spellings, summary, value }: OptionWords): string {
  const text = summary.replaceAll(/[[\]:]/g, '\\$&');
  const rest = value === undefined ? '' : `:${nameOf(value)}:${action(value)}`;
  const others = spellings.length > 1 ? `'(${spellings.join(' ')})'` : '';
  return spellings.map((name) => `${others}${quoted(`${name}[${text}]${rest}`)}`).join(' ');
}

/** One action, or several that all add their words. */
function together(values: readonly Value[]): string {
  const [only, ...others] = values;
  if (only !== undefined && others.length === 0) return action(only);
  const actions = values.flatMap((value) => {
    if (isKnown(value)) return [`_ipvs_known ${value}`];
    return Array.isArray(value) ? [`compadd -S "" -- ${value.join(' ')}`] : [];
  });
  return `{${actions.join('; ')}}`;
}

const nameOf = (value: Value) => (typeof value === 'string' ? value : 'value');

function action(value: Value): string {
  if (value === 'file') return '_files';
  if (value === 'folder') return '_files -/';
  if (value === 'interface') return '_net_interfaces';
  if (isKnown(value)) return `{_ipvs_known ${value}}`;
  return value === 'unknown' ? ' ' : `(${value.join(' ')})`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
