import type { Operation } from '../src/ipvs/client/operations.js';
import { checkRules } from '../src/rules/parse-rules.js';
import { Session } from '../src/terminal/session.js';
import { noNames } from '../test/support/command.js';

/** What rules ask for: read as -R reads them. */
export async function operationsOf(
  input: AsyncIterable<Uint8Array>,
): Promise<readonly Operation[]> {
  let complaints = '';
  const io = {
    stdin: input,
    stdout: { write: () => undefined },
    stderr: { write: (text: string) => void (complaints += text) },
    resolver: noNames,
  };
  const operations: Operation[] = [];
  const well = await checkRules(new Session(io, undefined), input, ({ invocation }) => {
    if (!('operation' in invocation)) throw new Error('a rule that changes no table');
    operations.push(invocation.operation);
  });
  if (!well) throw new Error(complaints);
  return operations;
}
