/** That there are examples; test/kernel/examples.test.ts runs them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { IpvsClient } from '../../src/index.js';
import { examples } from '../support/examples.js';

const all = examples();
const client = new URL('../../src/ipvs/client/client.ts', import.meta.url);
const source = readFileSync(client, 'utf8');
const members = [
  'open',
  ...Object.getOwnPropertyNames(IpvsClient.prototype).filter((name) => name !== 'constructor'),
];

test.each(members)('%s of the client has an example', (name) => {
  const declared = new RegExp(`^(?:static )?(?:async )?\\*?${name}\\(`);
  const own = all.filter(
    ({ place, subject }) => place.includes('client.ts') && declared.test(subject),
  );
  expect(own).toHaveLength(1);
});

/** They have no command of their own. */
const commandless = ['open', 'close', 'connections', 'batch'];

test.each(members.filter((name) => !commandless.includes(name)))(
  'the words on %s name the kernel’s command',
  (name) => {
    const end = source.search(new RegExp(`^  (?:static )?(?:async )?\\*?${name}\\(`, 'm'));
    const words = source.slice(source.lastIndexOf('/**', end), end);
    expect(words).toMatch(/\bIPVS_CMD_[A-Z_]+/);
  },
);

test.each(all)('the example at $place says what it prints', ({ code, printed }) => {
  expect(printed.length).toBeGreaterThan(0);
  expect(printed).toHaveLength(code.split('console.log(').length - 1);
});
