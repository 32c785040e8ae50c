/** A value that is there, or will come. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, which costs no round of promises. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
