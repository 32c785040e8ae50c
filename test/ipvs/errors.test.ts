import { expect, test } from 'vitest';
import { IpAddress, IpvsError } from '../../src/index.js';
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
    'addDestination tcp [::1]:80 10.0.0.2:8080: EEXIST (IPVS_CMD_NEW_DEST)',
  );
  expect(new IpvsError({ operation: 'open', cause }).message).toBe('open: EEXIST');
});

test('the number of an error is positive, whatever its cause says', () => {
  const file = Object.assign(new Error('ENOENT'), { errno: -2, code: 'ENOENT' });
  expect(new IpvsError({ operation: 'connections', cause: file }).errno).toBe(2);
});

test('an error that is not of the system stays what it is', () => {
  const range = new RangeError('port');
  expect(withCause({ operation: 'x' }, range)).toBe(range);
  expect(withCause({ operation: 'x' }, 'text')).toBe('text');
  const told = new IpvsError({ operation: 'first', cause });
  expect(withCause({ operation: 'second' }, told)).toBe(told);
});

test('a call that succeeds gives its value, one that fails an error with the facts', async () => {
  expect(await withFacts({ operation: 'x' }, () => Promise.resolve(7))).toBe(7);
  const failing = withFacts({ operation: 'x' }, () => Promise.reject(cause));
  await expect(failing).rejects.toMatchObject({ operation: 'x', cause });
});
