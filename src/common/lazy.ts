/** A value that is read when it is first asked for, and kept until it is forgotten. */
export class Lazy<T> {
  readonly #read: () => Promise<T>;
  #reading: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  get(): Promise<T> {
    return (this.#reading ??= this.#read());
  }

  forget(): void {
    this.#reading = undefined;
  }
}
