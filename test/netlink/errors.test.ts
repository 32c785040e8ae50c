import { expect, test } from 'vitest';
import { errnoName, NetlinkError } from '../../src/netlink/errors.js';

test.each([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [3, 'ESRCH'],
  [11, 'EAGAIN'],
  [17, 'EEXIST'],
  [95, 'EOPNOTSUPP'],
  [105, 'ENOBUFS'],
  [4095, 'E4095'],
])('error number %i is called %s', (errno, name) => {
  expect(errnoName(errno)).toBe(name);
});

test('an error says what was being done, and which error it was', () => {
  const error = new NetlinkError('send', 105);
  expect(error).toMatchObject({
    name: 'NetlinkError',
    operation: 'send',
    errno: 105,
    code: 'ENOBUFS',
  });
  expect(error.message).toBe('netlink send: ENOBUFS');
  expect(new NetlinkError('decode', 74, 'why').message).toBe('netlink decode: EBADMSG (why)');
});
