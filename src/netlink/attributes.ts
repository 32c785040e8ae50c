import { align4, NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from './constants.js';
import { malformed } from './errors.js';
import type { MessageWriter } from './writer.js';

/** How a value of type `T` stands in an attribute. */
export interface AttributeType<T> {
  /** @throws RangeError naming the attribute when the value does not fit. */
  write(writer: MessageWriter, value: T, name: string): void;
  /** Bytes that must be there to read it. */
  readonly minimum: number;
  read(view: DataView, start: number, end: number): T;
  readonly nested?: boolean;
}

/** One line of an attribute table: its number in the kernel's header, and its type. */
export interface Attribute<T> extends AttributeType<T> {
  readonly number: number;
}

/** An attribute by its name in the kernel's header, without the prefix. */
export type Declaration = Readonly<Record<string, Attribute<unknown>>>;
type ValueOf<A> = A extends Attribute<infer T> ? T : never;

/**
 * The values that a table describes. Each is optional: kernels of different age send different ones, and a request
 * carries just what it needs.
 */
export type Infer<T> =
  T extends AttributeTable<infer D>
    ? { readonly [K in keyof D]?: ValueOf<D[K]> | undefined }
    : never;

interface Line {
  readonly name: string;
  readonly attribute: Attribute<unknown>;
}

/** A table of attributes: reads and writes the nest of attributes that it declares. */
export class AttributeTable<D extends Declaration> {
  readonly declaration: Readonly<D>;
  /** The prefix of the names in the kernel's header, such as `IPVS_SVC_ATTR_`. */
  readonly prefix: string;
  readonly #lines: readonly Line[];
  readonly #byNumber: readonly (Line | undefined)[];

  constructor(prefix: string, declaration: D) {
    this.prefix = prefix;
    this.declaration = declaration;
    this.#lines = Object.entries(declaration).map(([name, attribute]) => ({
      name,
      attribute,
    }));
    const byNumber: (Line | undefined)[] = [];
    for (const line of this.#lines) byNumber[line.attribute.number] = line;
    this.#byNumber = byNumber;
  }

  /** Writes the values that are there, in the table's order. */
  write(writer: MessageWriter, values: Infer<AttributeTable<D>>): void {
    const given = values as Readonly<Record<string, unknown>>;
    for (const { name, attribute } of this.#lines) {
      const value = given[name];
      if (value === undefined) continue;
      const start = writer.beginAttribute(
        attribute.nested ? attribute.number | NLA_F_NESTED : attribute.number,
      );
      attribute.write(writer, value, this.prefix + name);
      writer.endAttribute(start);
    }
  }

  /**
   * Reads what stands between two places. Attributes that the table does not know are passed over: a newer kernel may
   * send them.
   * @throws NetlinkError EBADMSG when a length points outside, or a value is shorter than its type.
   */
  read(view: DataView, start: number, end: number): Infer<AttributeTable<D>> {
    const values: Record<string, unknown> = {};
    let at = start;
    while (at + NLA_HDRLEN <= end) {
      const length = view.getUint16(at, true);
      if (length < NLA_HDRLEN || at + length > end)
        throw malformed(`${this.prefix}*: length ${length}`);
      const line = this.#byNumber[view.getUint16(at + 2, true) & NLA_TYPE_MASK];
      if (line !== undefined) {
        const { attribute, name } = line;
        if (length - NLA_HDRLEN < attribute.minimum)
          throw malformed(`${this.prefix}${name}: length ${length}`);
        values[name] = attribute.read(view, at + NLA_HDRLEN, at + length);
      }
      at += align4(length);
    }
    return values as Infer<AttributeTable<D>>;
  }
}

/** Declares a table. The names are those of the kernel's header without the prefix. */
export function attributeTable<D extends Declaration>(
  prefix: string,
  declaration: D,
): AttributeTable<D> {
  return new AttributeTable<D>(prefix, declaration);
}
