/** The examples in the doc comments of the source. */
import { join } from 'node:path';
import { project, sources } from './sources.js';
import type { Source } from './sources.js';

export interface Example {
  /** Where it stands: `src/ipvs/client/client.ts:71`. */
  readonly place: string;
  /** The declaration below it: `async info(`. */
  readonly subject: string;
  readonly code: string;
  /** What the comment behind each `console.log` says it prints. */
  readonly printed: readonly string[];
}

/** A doc comment and the line that it documents. */
const COMMENT = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*([^\n]*)/g;
const PRINTED = /^\s*console\.log\(.*\); \/\/ (.*)$/gm;
const BLOCK = /@example\s*```ts\n([^]*?)```/g;

export function examples(): Example[] {
  return sources().flatMap(examplesOf);
}

function examplesOf({ path, text }: Source): Example[] {
  return Array.from(text.matchAll(COMMENT)).flatMap(([comment, words = '', subject = '']) => {
    const content = words.replaceAll(/^ *\* ?/gm, '');
    const place = `${path}:${lineOf(text, text.indexOf(comment) + comment.indexOf('@example'))}`;
    return Array.from(content.matchAll(BLOCK), ([, code = '']) => ({
      place,
      subject,
      code,
      printed: Array.from(code.matchAll(PRINTED), ([, printed = '']) => printed),
    }));
  });
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** A module that exports the example as `example`, which gives what it prints. */
export function moduleOf({ code }: Example): string {
  const lines = code.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const body = lines.filter((line) => !line.startsWith('import '));
  const fromSource = (line: string) =>
    line.replace(/'ipvs(?:\/(\w+))?'/, (_name, subpath = 'index') =>
      JSON.stringify(join(project, `src/${String(subpath)}.ts`)),
    );
  return [
    `import { formatWithOptions } from 'node:util';`,
    ...imports.map(fromSource),
    'export async function example() {',
    '  const printed = [];',
    '  const console = {',
    '    log: (...words) => printed.push(formatWithOptions({ colors: false }, ...words)),',
    '  };',
    ...body,
    '  return printed;',
    '}',
    '',
  ].join('\n');
}
