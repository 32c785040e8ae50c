import { expect, test } from 'vitest';
import { notifier } from '../../../src/agent/run/notify.js';
import type { Host } from '../../../src/host/host.js';
import { fakeClock } from '../../support/fake-clock.js';
import { fakeMachine } from '../../support/fake-machine.js';

/** A machine whose `systemd-notify` takes until it is let go. */
function scene(watchdogMs?: number) {
  const clock = fakeClock();
  const told: (readonly string[])[] = [];
  const under: (() => void)[] = [];
  const host: Host = {
    ...fakeMachine(),
    run: async (_program, words) => {
      told.push(words);
      await new Promise<void>((resolve) => under.push(resolve));
      return { status: 0, stdout: '', stderr: '' };
    },
  };
  const notify = notifier({ host, clock, socket: '/run/systemd/notify', watchdogMs });
  const end = async () => {
    under.shift()?.();
    await clock.advance(0);
  };
  return { clock, notify, told, end };
}

test('systemd hears one thing after the other: what is said last is what it goes by', async () => {
  const { clock, notify, told, end } = scene();
  notify.reloading();
  notify.ready();
  notify.stopping();
  await clock.advance(0);
  expect(told).toEqual([['RELOADING=1', 'MONOTONIC_USEC=1000000000']]);
  await end();
  expect(told.slice(1)).toEqual([['READY=1', 'STATUS=checking']]);
  await end();
  expect(told.slice(2)).toEqual([['STOPPING=1']]);
});

test('a watchdog hears twice in its time that the agent lives, until that ends', async () => {
  const { clock, notify, told, end } = scene(10_000);
  await clock.advance(5000);
  await end();
  await clock.advance(5000);
  await end();
  notify.close();
  await clock.advance(20_000);
  expect(told).toEqual([['WATCHDOG=1'], ['WATCHDOG=1']]);
});
