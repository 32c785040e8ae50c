import { expect, test } from 'vitest';
import { formatRouteSlot, parseRouteSlot } from '../../src/host/route-slots.js';

test.each(['-4 default', '-6 default', '-4 192.0.2.1'])(
  'the routes %s are the same text again after they were parsed',
  (name) => {
    expect(formatRouteSlot(parseRouteSlot(name))).toBe(name);
  },
);
