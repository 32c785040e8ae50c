/**
 * Calls `expire` once, after a time. When the process has been stopped for a while, Node runs timers before it reads what has
 * arrived meanwhile. That is read first, so that a reply which arrived in time does not count as late.
 * @returns a function that cancels it
 */
export function startTimeout(milliseconds: number, expire: () => void): () => void {
  let afterReading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    afterReading = setImmediate(expire);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReading);
  };
}
