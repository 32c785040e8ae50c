import { describe, expect, test } from 'vitest';
import type { EventJson } from '../../../src/agent/control/shapes.js';
import { eventLine } from '../../../src/agent/page/model/event-line.js';
import { groupsOf } from '../../../src/agent/page/model/event-groups.js';
import { MOST_SINGLE_SERVICES, Outdated } from '../../../src/agent/page/model/refresh.js';
import { service } from './status.js';

const WEB = 'tcp:192.0.2.1:80';

function event(seq: number, second: number, rest: Partial<EventJson> = {}): EventJson {
  const time = new Date(Date.UTC(2026, 10, 29, 12, 0, second)).toISOString();
  return { type: 'server', seq, time, severity: 'warning', service: WEB, ...rest };
}

const down = (seq: number, second: number, server: string, reason = 'refused') =>
  event(seq, second, { server, from: 'up', to: 'down', reason });

function lines(events: readonly EventJson[]) {
  return groupsOf(events.toReversed()).map((group) => {
    const { subject, servers, what, reason } = eventLine(group, () => service('web', []));
    return [subject, servers, what, reason].filter(Boolean).join(' ');
  });
}

describe('events that say the same of several servers', () => {
  test('are one line, also where others came between, at the place of the last', () => {
    const change = event(2, 1, { type: 'service', from: 'ok', to: 'degraded' });
    expect(lines([down(1, 0, 'a'), change, down(3, 2, 'b'), down(4, 30, 'c')])).toEqual([
      'web 3 servers up → down refused',
      'web ok → degraded',
    ]);
  });

  test('are several lines where reasons differ, or more than a minute is between', () => {
    expect(lines([down(1, 0, 'a'), down(2, 1, 'b', 'status 503'), down(3, 90, 'c')])).toEqual([
      'web c up → down refused',
      'web b up → down status 503',
      'web a up → down refused',
    ]);
  });

  test('name the server where it is one that comes and goes', () => {
    expect(lines([down(1, 0, 'a'), down(2, 9, 'a')])).toEqual(['web a up → down refused']);
  });
});

test('an event of the agent says what it is about', () => {
  const { seq, time, severity } = event(1, 0);
  const reason = 'web.yaml:7:9: unknown key';
  const config = { type: 'config', seq, time, severity, reason } as const;
  expect(lines([config])).toEqual(['configuration web.yaml:7:9: unknown key']);
});

describe('what events make out of date', () => {
  const key = (index: number) => `tcp:192.0.2.1:${index}`;

  test('is the service that they name, once', () => {
    const outdated = new Outdated();
    outdated.add(down(1, 0, 'a'));
    outdated.add(down(2, 0, 'b'));
    expect(outdated.take()).toEqual({ kind: 'services', services: [WEB] });
    expect(outdated.take()).toEqual({ kind: 'nothing' });
  });

  test('is all where services are very many', () => {
    const outdated = new Outdated();
    for (let index = 0; index < MOST_SINGLE_SERVICES; index += 1) outdated.addService(key(index));
    expect(outdated.take()).toMatchObject({ kind: 'services' });
    for (let index = 0; index <= MOST_SINGLE_SERVICES; index += 1) outdated.addService(key(index));
    expect(outdated.take()).toEqual({ kind: 'all' });
  });

  test.each(['config', 'agent'] as const)('is all after one of the type %s', (type) => {
    const outdated = new Outdated();
    outdated.add(event(1, 0, { type }));
    expect(outdated.take()).toEqual({ kind: 'all' });
  });
});
