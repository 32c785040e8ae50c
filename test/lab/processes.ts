import { readdirSync, readFileSync } from 'node:fs';

/** The processes of a group that still run. A zombie does not: only its parent has not noticed yet. */
export function runningIn(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // pid (name) state parent group ...: the name may have anything in it.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
        const [state, , processGroup] = stat.split(' ');
        return Number(processGroup) === group && state !== 'Z';
      } catch {
        return false;
      }
    });
}
