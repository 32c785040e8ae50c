/** What one run of a command took. */
export interface Measured {
  readonly wallMs: number;
  /** Until the line that was waited for had come; undefined when none did. */
  readonly firstMs: number | undefined;
  readonly memoryMB: number;
}

/** Reads what measure.c prints. A command that ended otherwise than it should is no measurement. */
export function readMeasured(text: string, command: readonly string[], expected = 0): Measured {
  const said = JSON.parse(text) as Record<string, number>;
  const { wall = NaN, first = -1, memory = NaN, status } = said;
  if (status !== expected) throw new Error(`${command.join(' ')} ended with ${status ?? '?'}`);
  return {
    wallMs: wall / 1000,
    firstMs: first < 0 ? undefined : first / 1000,
    memoryMB: (memory * 1024) / 1e6,
  };
}

export const wallTimes = (all: readonly Measured[]): number[] => all.map(({ wallMs }) => wallMs);
export const memories = (all: readonly Measured[]): number[] => all.map(({ memoryMB }) => memoryMB);
