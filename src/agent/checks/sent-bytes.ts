import type { BytesValue } from '../../state/file/check-fields.js';

/** What `send` says: text, or `{hex: …}`. */
export function bytesOf(value: BytesValue): Buffer {
  return typeof value === 'string'
    ? Buffer.from(value, 'utf8')
    : Buffer.from(value.hex ?? '', 'hex');
}
