import type { Operation } from '../src/ipvs/operations.js';
import { readRules } from '../src/ipvsadm/read-rules.js';
import { Session } from '../src/ipvsadm/session.js';
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
  const rules = await readRules(new Session(io, undefined), input);
  if (rules === undefined) throw new Error(complaints);
  return rules.map(({ invocation }) => {
    if ('operation' in invocation) return invocation.operation;
    throw new Error('a rule that changes no table');
  });
}
