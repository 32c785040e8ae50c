/** Lets the event loop run once, so that I/O and timers that are due are handled. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
