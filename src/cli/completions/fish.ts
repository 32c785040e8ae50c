import { allVerbs, isKnown, pathPatterns, places, valueSpellings } from './tree.js';
import type { OptionWords, Value, Node } from './tree.js';

/** The script that makes fish complete ipvs. */
export function fishCompletion(program: Node): string {
  const verbs = allVerbs(program);
  const paths = pathPatterns(program);
  const taking = valueSpellings(program);
  return `# fish completion of ipvs. Made from the program's own description of its verbs.

# Whether the words before the cursor are this verb.
function __ipvs_is
    set -l path ''
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case ${paths.join(' ')}
                set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end

# Whether the argument at the cursor is the one of this number, or, with "on", one of these.
function __ipvs_at
    set -l place 1
    set -l path ''
    set -l last ''
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case ${paths.join(' ')}
                set path "$path $word"
                continue
        end
        if contains -- "$last" ${taking.join(' ')}
            set last ''
            continue
        end
        set last "$word"
        string match -q -- '-*' "$word"; or set place (math $place + 1)
    end
    test $place -eq $argv[1]; or test "$argv[2]" = on -a $place -ge $argv[1]
end

complete -c ipvs -f
${verbs.flatMap(verbLines).join('\n')}
`;
}

function verbLines(verb: Node): string[] {
  const is = `__ipvs_is '${verb.path.map((word) => ` ${word}`).join('')}'`;
  const start = `complete -c ipvs -n "${is}"`;
  return [
    ...verb.verbs.map(
      ({ path, summary }) => `${start} -a ${path.at(-1) ?? ''} -d ${quoted(summary)}`,
    ),
    ...verb.options.map((option) => `${start} ${optionWords(option)}`),
    ...places(verb).flatMap(({ place, values, isVariadic }) => {
      const at = `complete -c ipvs -n "${is}; and __ipvs_at ${place}${isVariadic ? ' on' : ''}"`;
      return values.map((value) => `${at} ${valueWords(value)}`.trimEnd());
    }),
  ];
}

function optionWords({ spellings, summary, value }: OptionWords): string {
  const names = spellings.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  // Without files, unless these are meant.
  const taken =
    value === undefined ? '' : ` ${value === 'file' ? '-r' : '-x'} ${valueWords(value)}`;
  return `${names.join(' ')} -d ${quoted(summary)}${taken}`.trimEnd();
}

function valueWords(value: Value): string {
  if (value === 'file') return '-F';
  if (value === 'folder') return "-a '(__fish_complete_directories)'";
  if (value === 'interface') return "-a '(path basename /sys/class/net/*)'";
  if (isKnown(value)) return `-a '(ipvs complete ${value} 2>/dev/null)'`;
  return value === 'unknown' ? '' : `-a ${quoted(value.join(' '))}`;
}

const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
