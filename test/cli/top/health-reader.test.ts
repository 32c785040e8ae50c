/** What the live view knows of health, however the agent answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { healthReader } from '../../../src/cli/top/health-reader.js';
import { server, service } from '../../support/fake-agent.js';

const WEB = service('tcp:192.0.2.1:80', [server('10.0.0.2:80')]);

test('what the agent answers is there by service; nothing where no agent runs', async () => {
  const answers = [[WEB], undefined];
  const read = healthReader(() => Promise.resolve(answers.shift()));
  expect(await read()).toEqual(new Map([[WEB.service, WEB]]));
  expect(await read()).toBeUndefined();
});

test('an agent that hangs holds up no picture, and is not asked again meanwhile: what was known stays', async () => {
  let asked = 0;
  let answer: (services: readonly (typeof WEB)[]) => void = () => undefined;
  const read = healthReader(() => {
    asked += 1;
    if (asked === 1) return Promise.resolve([WEB]);
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  const first = await read();
  expect(await read()).toBe(first);
  expect(await read()).toBe(first);
  expect(asked).toBe(2);
  answer([]);
  await delay(0);
  const next = read();
  answer([]);
  expect(await next).toEqual(new Map());
});

test('a mistake of this program is not taken for an agent that cannot answer', async () => {
  const read = healthReader(() => Promise.reject(new TypeError('x is not a function')));
  await expect(read()).rejects.toThrow('x is not a function');
});
