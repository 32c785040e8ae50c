import { allVerbs, isKnown, pathPatterns } from './tree.js';
import type { OptionWords, Value, Node } from './tree.js';

/** The script that makes fish complete ipvs. */
export function fishCompletion(program: Node): string {
  const verbs = allVerbs(program);
  const paths = pathPatterns(program);
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

complete -c ipvs -f
${verbs.flatMap(verbLines).join('\n')}
`;
}

function verbLines(verb: Node): string[] {
  const condition = `-n "__ipvs_is '${verb.path.map((word) => ` ${word}`).join('')}'"`;
  const start = `complete -c ipvs ${condition}`;
  return [
    ...verb.verbs.map(
      ({ path, summary }) => `${start} -a ${path.at(-1) ?? ''} -d ${quoted(summary)}`,
    ),
    ...verb.options.map((option) => `${start} ${optionWords(option)}`),
    ...(verb.argument === undefined ? [] : [`${start} ${valueWords(verb.argument)}`]),
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
