/** Numbers and addresses as the C library reads them. */

/**
 * A whole number as strtol reads it in base 10, from `lowest` to `highest`: white space and a sign may stand before it,
 * nothing behind it. Undefined for anything else.
 */
export function readInteger(text: string, lowest: number, highest: number): number | undefined {
  if (!isDigits(text) && !/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lowest && value <= highest ? value : undefined;
}

const ZERO = 48;
const NINE = 57;

/** Whether a text is decimal digits and nothing else. Asked for each of many thousand words, so it is no expression. */
export function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return text !== '';
}

/** The number that a text begins with, as atoi reads it; 0 when it begins with none. */
export function readLeadingInteger(text: string): number {
  const [digits = '0'] = /^[ \t\n\v\f\r]*[+-]?\d+/.exec(text) ?? [];
  return Number(digits);
}

const part = /^(?:0[xX]([\dA-Fa-f]+)|(0[0-7]*)|([1-9]\d*))/;

/**
 * The four bytes of an IPv4 address in any form that inet_aton takes: one to four parts, decimal, octal (`010`) or
 * hexadecimal (`0x0a`), the last one filling the bytes that are left (`10.1` is 10.0.0.1). What follows white space is
 * not looked at.
 */
export function readInetAton(text: string): Uint8Array | undefined {
  const parts: number[] = [];
  let rest = text;
  for (;;) {
    const [whole, hex, octal, decimal] = part.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    parts.push(
      hex !== undefined
        ? Number.parseInt(hex, 16)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal),
    );
    rest = rest.slice(whole.length);
    if (!rest.startsWith('.')) break;
    if (parts.length === 4) return undefined;
    rest = rest.slice(1);
  }
  if (rest !== '' && !/^[ \t\n\v\f\r]/.test(rest)) return undefined;
  return toBytes(parts);
}

function toBytes(parts: readonly number[]): Uint8Array | undefined {
  const leading = parts.slice(0, -1);
  const last = parts.at(-1) ?? 0;
  if (leading.some((value) => value > 0xff)) return undefined;
  if (last >= 2 ** (8 * (4 - leading.length))) return undefined;
  const bytes = new Uint8Array(4);
  bytes.set(leading);
  for (let index = 3, value = last; index >= leading.length; index -= 1) {
    bytes[index] = value % 256;
    value = Math.floor(value / 256);
  }
  return bytes;
}
