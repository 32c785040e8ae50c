/**
 * Calls once when so much time has passed. After a pause of the process, timers are run before what has come meanwhile is
 * read: that is taken in first, so that nothing counts as late which was in time.
 * @returns what calls it off.
 */
export function deadline(milliseconds: number, expire: () => void): () => void {
  let afterReading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    afterReading = setImmediate(expire);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReading);
  };
}
