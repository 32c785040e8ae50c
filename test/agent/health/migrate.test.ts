import { expect, test } from 'vitest';
import type { ServiceConfig } from '../../../src/agent/config/config.js';
import { newCheckHealth } from '../../../src/agent/health/check-health.js';
import { migrateHealth } from '../../../src/agent/health/migrate.js';
import { check, failed, server, service } from './fixtures.js';
import { Scene, summary } from './scene.js';

const a = check('a');
const b = check('b');
const c = check('c');
const d = check('d');

/** The scene with another file in force. */
function reload(scene: Scene, config: ServiceConfig): Scene {
  const { memory } = scene;
  const services = new Map(memory && [[scene.config.key, memory]]);
  const kept = migrateHealth({ services, checks: scene.checks }, [config]);
  scene.config = config;
  scene.memory = kept.services.get(config.key);
  scene.checks = new Map(kept.checks);
  return scene;
}

const before = () => {
  const scene = new Scene(service([server(1, [a]), server(2, [b]), server(3, [c])]));
  scene.pass(1, 3).fail(2).decide();
  return scene;
};

test('a check whose settings stay keeps its verdict and its counts', () => {
  const scene = before().result('a', failed()).result('a', failed());
  const known = scene.checks.get('a');
  reload(scene, service([server(1, [a], 5), server(2, [b])]));
  expect(scene.checks.get('a')).toBe(known);
  expect(summary(scene.decide())).toBe('up 5, down 0');
  expect(summary(scene.result('a', failed()).pass(2).decide())).toBe('down 0, up 1');
});

test('a new server begins as starting, and enters after its first success', () => {
  const scene = reload(before(), service([server(1, [a]), server(4, [d])]));
  expect(summary(scene.decide())).toBe('up 1, starting 0');
  expect(summary(scene.pass(4).decide())).toBe('up 1, up 1');
});

test('with `initial: up` and `onFailure: remove`, a new server is in at once', () => {
  const config = service([server(1, [a]), server(4, [d])], { initial: 'up', onFailure: 'remove' });
  expect(summary(reload(before(), config).decide())).toBe('up 1, up 1');
});

test('a new server whose check runs for others already takes the verdict', () => {
  const scene = reload(before(), service([server(1, [a]), server(4, [a]), server(5, [b])]));
  expect(summary(scene.decide())).toBe('up 1, up 1, down 0');
});

test('a server stays what it was until its changed check has a verdict', () => {
  const other = [server(1, [check('a, changed')]), server(2, [check('b, changed')])];
  const scene = reload(before(), service(other));
  expect(summary(scene.decide())).toBe('up 1, down 0');
  expect(summary(scene.pass(2).decide())).toBe('up 1, up 1');
  expect(summary(scene.fail(1).decide())).toBe('down 0, up 1');
});

test('what leaves the file is forgotten: it begins anew when it comes back', () => {
  const scene = reload(before(), service([server(1, [a])]));
  expect([...scene.checks.keys()]).toEqual(['a']);
  expect([...(scene.memory?.servers.keys() ?? [])]).toEqual(['10.0.0.1:80']);
  reload(scene, service([server(1, [a]), server(3, [c])]));
  expect(scene.checks.get('c')).toEqual(newCheckHealth('unknown'));
  expect(summary(scene.decide())).toBe('up 1, starting 0');
});

test('a service that is new has no past, and one that goes leaves none', () => {
  const other = service([server(1, [a])], {}, 2);
  const scene = reload(before(), other);
  expect(scene.memory).toBeUndefined();
  expect(summary(scene.decide())).toBe('up 1');
});
