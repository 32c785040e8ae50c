import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, test, vi } from 'vitest';
import { IpAddress, IpvsError, isIpvsError } from '../../src/index.js';
import { errorMeanings } from '../../src/ipvs/error-text.js';
import { withCause, withFacts } from '../../src/ipvs/errors.js';
import { NetlinkError } from '../../src/netlink/errors.js';

const cause = new NetlinkError('request', 17);
const service = { protocol: 'tcp', address: IpAddress.parse('::1'), port: 80 } as const;

test('an error carries its facts, and has a sentence for logs', () => {
  const destination = { address: IpAddress.parse('10.0.0.2'), port: 8080 };
  const facts = {
    operation: 'addDestination',
    command: 'NEW_DEST',
    service,
    destination,
    cause,
  } as const;
  const error = new IpvsError(facts);
  expect(error).toMatchObject({ ...facts, name: 'IpvsError', errno: 17, code: 'EEXIST' });
  expect(error.message).toBe(
    'cannot add the real server 10.0.0.2:8080 to the service tcp:[::1]:80: it already exists (EEXIST)',
  );
});

test('a code that nobody knew beforehand has the words of its cause', () => {
  const odd = Object.assign(new Error('a strange thing'), { errno: 201, code: 'E201' });
  expect(new IpvsError({ operation: 'flush', cause: odd }).message).toBe(
    'cannot delete all services: a strange thing (E201)',
  );
});

test('what the kernel is too old for is in the sentence', () => {
  const unsupported = {
    settings: ['tunnelType'],
    attributes: ['IPVS_DEST_ATTR_TUN_TYPE'],
    since: '5.2',
    inPlace: false,
  } as const;
  const old = new NetlinkError('request', constants.errno.ENOSYS);
  const error = new IpvsError({ operation: 'addDestination', service, unsupported, cause: old });
  expect(error.message).toContain(
    ': this needs Linux 5.2 or later, for IPVS_DEST_ATTR_TUN_TYPE (ENOSYS)',
  );
});

test('the name of an error is that of its class, and not among its facts', () => {
  const error = new IpvsError({ operation: 'flush', cause });
  expect(Object.keys(error)).not.toContain('name');
  expect(error.name).toBe('IpvsError');
  expect(error.stack).toMatch(/^IpvsError: cannot delete all services: /);
});

test('an error is known to another copy of the package', async () => {
  const error = new IpvsError({ operation: 'flush', cause });
  vi.resetModules();
  const other = await import('../../src/ipvs/errors.js');
  expect(error).not.toBeInstanceOf(other.IpvsError);
  expect(other.isIpvsError(error)).toBe(true);
  for (const value of [new Error('x'), cause, undefined, null, 'EEXIST', { code: 'EEXIST' }]) {
    expect(isIpvsError(value)).toBe(false);
  }
});

test.each([
  'addService',
  'replaceService',
  'updateService',
  'deleteService',
  'zeroService',
  'zeroAll',
  'flush',
  'addDestination',
  'replaceDestination',
  'updateDestination',
  'deleteDestination',
  'service',
  'services',
  'destinations',
  'timeouts',
  'setTimeouts',
  'startSyncDaemon',
  'stopSyncDaemon',
  'syncDaemons',
  'connections',
  'open',
  'info',
  'batch',
])('the sentence of %s is in words', (operation) => {
  const destination = { address: IpAddress.parse('10.0.0.2'), port: 8080 };
  const { message } = new IpvsError({ operation, service, destination, cause });
  expect(message).toMatch(/^cannot [a-z]+ [^%]+: [a-z ]+ \(EEXIST\)$/);
});

test('docs/errors.md has every code, in the order of the alphabet', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const codes = Array.from(text.matchAll(/^\| `(E[A-Z]+)` +\|/gm), ([, code]) => code);
  expect(codes).toEqual(Object.keys(errorMeanings));
  expect(codes).toEqual(codes.toSorted());
});

test('the number of an error is positive, whatever its cause says', () => {
  const file = Object.assign(new Error('ENOENT'), { errno: -2, code: 'ENOENT' });
  expect(new IpvsError({ operation: 'connections', cause: file }).errno).toBe(2);
});

test('an error that is not of the system stays what it is', () => {
  const range = new RangeError('port');
  expect(withCause({ operation: 'x' }, range)).toBe(range);
  expect(withCause({ operation: 'x' }, 'text')).toBe('text');
  const reported = new IpvsError({ operation: 'first', cause });
  expect(withCause({ operation: 'second' }, reported)).toBe(reported);
});

test('a call that succeeds gives its value, one that fails an error with the facts', async () => {
  expect(await withFacts({ operation: 'x' }, () => Promise.resolve(7))).toBe(7);
  const failing = withFacts({ operation: 'x' }, () => Promise.reject(cause));
  await expect(failing).rejects.toMatchObject({ operation: 'x', cause });
});
