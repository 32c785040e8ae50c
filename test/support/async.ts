/** The entries of a sequence that gives them in pieces, one after the other. */
export async function* entriesOf<T>(
  pieces: AsyncIterable<readonly T[]>,
): AsyncGenerator<T, void, undefined> {
  for await (const piece of pieces) yield* piece;
}

/** A promise that a test fulfils when it pleases. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
