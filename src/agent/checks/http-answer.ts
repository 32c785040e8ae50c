import type { IncomingMessage } from 'node:http';
import { checkTypeFields } from '../../state/file/check-fields.js';
import { orInitial } from '../../state/file/kinds.js';
import type { HttpValue } from './http-request.js';
import { compilePattern } from './pattern.js';
import type { Pattern } from './pattern.js';
import { quoted } from './reasons.js';

/** What an answer must be. */
export interface HttpAnswer {
  /** What is wrong with status or headers; undefined when nothing is. */
  headProblem(answer: Pick<IncomingMessage, 'statusCode' | 'headersDistinct'>): string | undefined;
  /** What is wrong with a body; undefined when any will do. */
  readonly bodyProblem: ((body: string) => string | undefined) | undefined;
}

/** @throws CheckError when a pattern is none. */
export function httpAnswerOf(settings: HttpValue): HttpAnswer {
  const { expectBody, expectHeader = {} } = settings;
  const status = orInitial(checkTypeFields.http.status, settings.status);
  const ranges = status.map(rangeOf);
  const expected = status.join(', ');
  const headers = Object.entries(expectHeader).map(
    ([name, source]) => [name, source, compilePattern(source)] as const,
  );
  return {
    headProblem: ({ statusCode = 0, headersDistinct }) => {
      if (!ranges.some(([from, to]) => statusCode >= from && statusCode <= to)) {
        return `status ${statusCode}, expected ${expected}`;
      }
      for (const [name, source, pattern] of headers) {
        const problem = headerProblem(name, headersDistinct[name.toLowerCase()], source, pattern);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
    bodyProblem: expectBody === undefined ? undefined : bodyProblemOf(expectBody),
  };
}

function rangeOf(value: number | string): readonly [number, number] {
  const [from = '', to = from] = String(value).split('-');
  return [Number(from), Number(to)];
}

function headerProblem(
  name: string,
  values: readonly string[] | undefined,
  source: string,
  pattern: Pattern,
): string | undefined {
  if (values === undefined) return `header ${name} is missing, expected ${quoted(source)}`;
  if (values.some((value) => pattern.matches(value))) return undefined;
  return `header ${name} is ${quoted(values.join(', '))}, expected ${quoted(source)}`;
}

function bodyProblemOf(source: string): (body: string) => string | undefined {
  const pattern = compilePattern(source);
  const problem = `body does not match ${quoted(source)}`;
  return (body) => (pattern.matches(body) ? undefined : problem);
}
