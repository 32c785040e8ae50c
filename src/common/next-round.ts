/** Lets the event loop run: what has arrived is handled, and timers that are due. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
