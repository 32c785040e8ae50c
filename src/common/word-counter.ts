/** Entries of a block: storage grows by blocks, so that nothing is copied and little is unused. */
const BLOCK_BITS = 14;
const BLOCK_ENTRIES = 1 << BLOCK_BITS;
const FIRST_SLOTS = 1 << 10;
/** Digits of the sort. */
const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** A key, of numbers of 32 bits, and how often it was added. */
export interface Counted {
  /** Valid until the next one is given. */
  readonly key: Uint32Array;
  readonly count: number;
}

/**
 * Counts keys that are a few numbers of 32 bits each, such as addresses. All is in typed arrays: a million different keys of
 * one number take 16 MB, and of four 28 MB, where a Map of texts would take some hundreds.
 */
export class WordCounter {
  readonly #words: number;
  /** Keys, each followed by its count. */
  readonly #blocks: Uint32Array[] = [];
  #size = 0;
  /** The places of entries, from 1; 0 is a free slot. */
  #slots = new Uint32Array(FIRST_SLOTS);
  /** Clients choose their addresses: they must not know which collide. */
  readonly #seed = Math.trunc(Math.random() * 2 ** 32);

  /** @param words the length of keys. */
  constructor(words: number) {
    this.#words = words;
  }

  /** How many different keys there are. */
  get size(): number {
    return this.#size;
  }

  add(key: Uint32Array): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(key, 0) & mask;
    for (;;) {
      const place = this.#slots[slot] ?? 0;
      if (place === 0) break;
      if (this.#isKey(place - 1, key)) {
        this.#increment(place - 1);
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.#append(key);
    this.#slots[slot] = this.#size;
    if (4 * this.#size > 3 * this.#slots.length) this.#grow();
  }

  /** Each key with its count, the highest count first; of equal counts, the lower key. Nothing can be added after that. */
  *sorted(): Generator<Counted, void, undefined> {
    const key = new Uint32Array(this.#words);
    for (const place of this.#sortedPlaces()) {
      const [block, at] = this.#entry(place);
      for (let index = 0; index < this.#words; index += 1) key[index] = block[at + index] ?? 0;
      yield { key, count: block[at + this.#words] ?? 0 };
    }
  }

  #entry(place: number): readonly [block: Uint32Array, at: number] {
    const block = this.#blocks[place >>> BLOCK_BITS] ?? EMPTY;
    return [block, (place & (BLOCK_ENTRIES - 1)) * (this.#words + 1)];
  }

  #isKey(place: number, key: Uint32Array): boolean {
    const block = this.#blocks[place >>> BLOCK_BITS] ?? EMPTY;
    const at = (place & (BLOCK_ENTRIES - 1)) * (this.#words + 1);
    for (let index = 0; index < this.#words; index += 1) {
      if (block[at + index] !== key[index]) return false;
    }
    return true;
  }

  #increment(place: number): void {
    const [block, at] = this.#entry(place);
    block[at + this.#words] = (block[at + this.#words] ?? 0) + 1;
  }

  #append(key: Uint32Array): void {
    if ((this.#size & (BLOCK_ENTRIES - 1)) === 0) {
      this.#blocks.push(new Uint32Array(BLOCK_ENTRIES * (this.#words + 1)));
    }
    const [block, at] = this.#entry(this.#size);
    for (let index = 0; index < this.#words; index += 1) block[at + index] = key[index] ?? 0;
    block[at + this.#words] = 1;
    this.#size += 1;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    // The old ones can go before the new ones are filled.
    this.#slots = slots;
    const mask = slots.length - 1;
    for (let place = 0; place < this.#size; place += 1) {
      const [block, at] = this.#entry(place);
      let slot = this.#hash(block, at) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
  }

  /** Of the words from a place on. The mixing is that of MurmurHash3. */
  #hash(numbers: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let index = 0; index < this.#words; index += 1) {
      let word = Math.imul(numbers[at + index] ?? 0, 0xcc9e_2d51);
      word = Math.imul((word << 15) | (word >>> 17), 0x1b87_3593);
      hash ^= word;
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /** A radix sort, from the last digit on. Its memory is two numbers for each entry, where they fit those of the slots. */
  #sortedPlaces(): Uint32Array {
    const slots = this.#slots;
    this.#slots = EMPTY;
    const size = this.#size;
    let order = slots.subarray(0, size);
    let spare = slots.length < 2 * size ? new Uint32Array(size) : slots.subarray(size, 2 * size);
    for (let place = 0; place < size; place += 1) order[place] = place;
    const pass = (word: number, shift: number, flip: number) => {
      if (!this.#sortBy(order, spare, word, shift, flip)) return;
      [order, spare] = [spare, order];
    };
    for (let word = this.#words - 1; word >= 0; word -= 1) {
      pass(word, 0, 0);
      pass(word, DIGIT_BITS, 0);
    }
    pass(this.#words, 0, DIGITS - 1);
    pass(this.#words, DIGIT_BITS, DIGITS - 1);
    return order;
  }

  /** Sorts by 16 bits of a word. @returns false when all have the same there, and nothing was to be done. */
  #sortBy(from: Uint32Array, to: Uint32Array, word: number, shift: number, flip: number): boolean {
    const starts = new Uint32Array(DIGITS + 1);
    const digitOf = (place: number): number => {
      const block = this.#blocks[place >>> BLOCK_BITS] ?? EMPTY;
      const at = (place & (BLOCK_ENTRIES - 1)) * (this.#words + 1);
      return (((block[at + word] ?? 0) >>> shift) & (DIGITS - 1)) ^ flip;
    };
    for (const place of from) {
      const next = digitOf(place) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    if (starts.includes(from.length)) return false;
    for (let digit = 1; digit <= DIGITS; digit += 1) {
      starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
    }
    for (const place of from) {
      const digit = digitOf(place);
      const target = starts[digit] ?? 0;
      to[target] = place;
      starts[digit] = target + 1;
    }
    return true;
  }
}

const EMPTY = new Uint32Array(0);
