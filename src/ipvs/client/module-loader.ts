import { runProgram } from '../../common/run-program.js';

const TIMEOUT_MS = 10_000;

/**
 * Asks the system to load a kernel module. Returns what the loader printed on its standard error: empty when all went well,
 * and when there is no loader. Whether the module is loaded now has to be asked of the kernel. A signal kills the loader.
 */
export async function loadModule(name: string, signal?: AbortSignal): Promise<string> {
  const result = await runProgram('modprobe', [name], { timeoutMs: TIMEOUT_MS, signal });
  return result?.stderr ?? '';
}
