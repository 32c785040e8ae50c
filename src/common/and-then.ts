/** A value that is available now, or a promise of one. */
export type Awaitable<T> = T | Promise<T>;

/** Continues with a value: synchronously when it is available, which saves a turn of the microtask queue. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
