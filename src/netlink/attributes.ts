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
  /** Reads a value of an opened table, which is valid until the next is read: see {@link AttributeTable.open}. */
  readonly open?: (view: DataView, start: number, end: number) => T;
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
  /** The name in the kernel's header, for complaints. */
  readonly fullName: string;
  /** The number as it stands on the wire. */
  readonly type: number;
  readonly attribute: Attribute<unknown>;
}

/** Attributes that have been found and not yet read. */
class Opened {
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the value of each begins, by its number; 0 where there is none. */
  readonly starts: number[];

  constructor(count: number) {
    this.starts = Array<number>(count).fill(0);
  }
}

/** Where the value that begins at a place ends. */
function endOf(view: DataView, start: number): number {
  return start - NLA_HDRLEN + view.getUint16(start - NLA_HDRLEN, true);
}

/** The class of a table's opened attributes: a getter for each. */
function openedClass(lines: readonly Line[]): typeof Opened {
  class OpenedTable extends Opened {}
  for (const { name, attribute } of lines) {
    const { number } = attribute;
    const read = (attribute.open ?? attribute.read).bind(attribute);
    Object.defineProperty(OpenedTable.prototype, name, {
      get(this: Opened) {
        const start = this.starts[number];
        if (start === undefined || start === 0) return undefined;
        return read(this.view, start, endOf(this.view, start));
      },
    });
  }
  return OpenedTable;
}

/** A table of attributes: reads and writes the nest of attributes that it declares. */
export class AttributeTable<D extends Declaration> {
  readonly declaration: Readonly<D>;
  /** The prefix of the names in the kernel's header, such as `IPVS_SVC_ATTR_`. */
  readonly prefix: string;
  readonly #lines: readonly Line[];
  readonly #byNumber: readonly (Line | undefined)[];
  /** One that is opened again and again: thousands of entries leave no garbage. */
  readonly #opened: Opened;

  constructor(prefix: string, declaration: D) {
    this.prefix = prefix;
    this.declaration = declaration;
    this.#lines = Object.entries(declaration).map(([name, attribute]) => ({
      name,
      fullName: prefix + name,
      type: attribute.nested === true ? attribute.number | NLA_F_NESTED : attribute.number,
      attribute,
    }));
    const byNumber: (Line | undefined)[] = [];
    for (const line of this.#lines) byNumber[line.attribute.number] = line;
    this.#byNumber = byNumber;
    this.#opened = new (openedClass(this.#lines))(byNumber.length);
  }

  /** Writes the values that are there, in the table's order. */
  write(writer: MessageWriter, values: Infer<AttributeTable<D>>): void {
    const given = values as Readonly<Record<string, unknown>>;
    for (const line of this.#lines) {
      const value = given[line.name];
      if (value === undefined) continue;
      const start = writer.beginAttribute(line.type);
      line.attribute.write(writer, value, line.fullName);
      writer.endAttribute(start);
    }
  }

  /**
   * Reads what stands between two places. Attributes that the table does not know are passed over: a newer kernel may
   * send them.
   * @throws NetlinkError EBADMSG when a length points outside, or a value is shorter than its type.
   */
  read(view: DataView, start: number, end: number): Infer<AttributeTable<D>> {
    const { starts } = this.#find(view, start, end);
    const values: Record<string, unknown> = {};
    for (const { name, attribute } of this.#lines) {
      const at = starts[attribute.number] ?? 0;
      if (at === 0) continue;
      values[name] = attribute.read(view, at, endOf(view, at));
    }
    return values as Infer<AttributeTable<D>>;
  }

  /**
   * Reads each value, nests included, only when it is accessed: a listing uses seven of a real server's thirty values.
   * The result belongs to the table and is valid until the table reads something else.
   * @throws NetlinkError EBADMSG as {@link read}; of a nest when that is asked for.
   */
  open(view: DataView, start: number, end: number): Infer<AttributeTable<D>> {
    const opened: unknown = this.#find(view, start, end);
    return opened as Infer<AttributeTable<D>>;
  }

  /** Where the attributes begin, by their numbers. */
  #find(view: DataView, start: number, end: number): Opened {
    const opened = this.#opened;
    const { starts } = opened;
    opened.view = view;
    for (let number = 0; number < starts.length; number += 1) starts[number] = 0;
    let at = start;
    while (at + NLA_HDRLEN <= end) {
      const length = view.getUint16(at, true);
      if (length < NLA_HDRLEN || at + length > end)
        throw malformed(`${this.prefix}*: length ${length}`);
      const number = view.getUint16(at + 2, true) & NLA_TYPE_MASK;
      const line = this.#byNumber[number];
      if (line !== undefined) {
        if (length - NLA_HDRLEN < line.attribute.minimum)
          throw malformed(`${line.fullName}: length ${length}`);
        starts[number] = at + NLA_HDRLEN;
      }
      at += align4(length);
    }
    return opened;
  }
}

/** Declares a table. The names are those of the kernel's header without the prefix. */
export function attributeTable<D extends Declaration>(
  prefix: string,
  declaration: D,
): AttributeTable<D> {
  return new AttributeTable<D>(prefix, declaration);
}
