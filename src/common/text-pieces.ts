const LONGEST_BLANKS = 40;
const blanks = Array.from({ length: LONGEST_BLANKS + 1 }, (_, count) => ' '.repeat(count));

/** As padEnd, which would make a string of blanks each time. */
export function padded(text: string, width: number): string {
  return text + (blanks[width - text.length] ?? '');
}

/**
 * Text that is made of many pieces, which are joined at the end: adding one to the other would make a string at each step,
 * which is most of the garbage of a long listing.
 */
export class TextPieces {
  /** Never shrinks, and has empty pieces at its end: an array that is emptied and grows again would be garbage itself. */
  readonly #pieces: string[] = [];
  #count = 0;
  #length = 0;

  /** The length of all that was added since it was taken. */
  get length(): number {
    return this.#length;
  }

  add(piece: string): void {
    this.#pieces[this.#count] = piece;
    this.#count += 1;
    this.#length += piece.length;
  }

  /** Adds blanks, at most 40, up to a length of all that was added. */
  padTo(length: number): void {
    if (length > this.#length) this.add(blanks[length - this.#length] ?? '');
  }

  /** Adds text that is filled up with blanks to a width of at most 40. */
  addPadded(text: string, width: number): void {
    const end = this.#length + width;
    this.add(text);
    this.padTo(end);
  }

  /** All that was added since the last time. */
  take(): string {
    const text = this.#pieces.fill('', this.#count).join('');
    this.#count = 0;
    this.#length = 0;
    return text;
  }
}
