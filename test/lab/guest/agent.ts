/** Runs in one network namespace: imports bundled modules and calls what they export. */
import { inspect } from 'node:util';
import type { AgentAnswer, AgentTask } from '../protocol.js';

async function perform(task: AgentTask): Promise<AgentAnswer> {
  try {
    const module = (await import(task.module)) as Record<string, unknown>;
    const called = module[task.name];
    if (typeof called !== 'function')
      throw new Error(`${task.module} does not export ${task.name}`);
    const value: unknown = await (called as (...args: readonly unknown[]) => unknown)(...task.args);
    return { id: task.id, value: value ?? null };
  } catch (error) {
    return { id: task.id, failure: inspect(error) };
  }
}

process.on('message', (task: AgentTask) => {
  void perform(task).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
