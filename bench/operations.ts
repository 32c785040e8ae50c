import type { Operation } from '../src/ipvs/client/operations.js';
import { faultText, findFaults } from '../src/rules/parse-rules.js';
import { NameCache } from '../src/rules/names.js';
import { noNames } from '../test/support/command.js';

/** What rules ask for: read as -R reads them. */
export async function operationsOf(
  input: AsyncIterable<Uint8Array>,
): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  const context = { names: new NameCache(noNames) };
  const faults = await findFaults(context, input, ({ invocation }) => {
    if (!('operation' in invocation)) throw new Error('a rule that changes no table');
    operations.push(invocation.operation);
  });
  if (faults.length > 0) throw new Error(faults.map(faultText).join('\n'));
  return operations;
}
