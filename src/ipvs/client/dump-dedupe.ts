/**
 * Tells new entries of a dump from those that it gives again because its table has changed meanwhile. Within a piece, which
 * the kernel fills under its lock, there are none: what comes in one piece costs nothing.
 */
export class Deduplicator<T> {
  readonly #key: (entry: T) => string;
  #first: readonly T[] | undefined;
  #keys: Set<string> | undefined;

  /** @param key what is equal for equal entries. */
  constructor(key: (entry: T) => string) {
    this.#key = key;
  }

  /** Those of a piece that no piece before had. */
  accept(piece: readonly T[]): readonly T[] {
    if (this.#first === undefined) {
      this.#first = piece;
      return piece;
    }
    const keys = (this.#keys ??= new Set(this.#first.map(this.#key)));
    return piece.filter((entry) => {
      const before = keys.size;
      return keys.add(this.#key(entry)).size > before;
    });
  }
}
