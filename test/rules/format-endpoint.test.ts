import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextPieces } from '../../src/common/text-pieces.js';
import { IpAddress } from '../../src/ipvs/model/address.js';
import { addEndpoint, formatEndpoint, numericNaming } from '../../src/rules/format-endpoint.js';
import type { Naming } from '../../src/rules/format-endpoint.js';

const names: Naming = { address: () => 'web1', port: (_port, protocol) => `http/${protocol}` };

const addresses = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((one) => IpAddress.fromBytes('ipv4', one)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((one) => IpAddress.fromBytes('ipv6', one)),
);

test.each([
  ['numbers', numericNaming],
  ['names', names],
])('an endpoint in %s is the text that formatEndpoint gives', (_what, naming) => {
  fc.assert(
    fc.property(addresses, fc.nat({ max: 65_535 }), (address, port) => {
      const text = new TextPieces();
      addEndpoint(text, { address, port }, 'tcp', naming);
      expect(text.take()).toBe(formatEndpoint({ address, port }, 'tcp', naming));
    }),
  );
});
