/** Where Debian, Ubuntu, Fedora and the rest have the module loader. */
const MODPROBE = '/sbin/modprobe';
const LOADER_DEADLINE_MS = 10_000;

/**
 * Asks the system to load a kernel module. No shell is involved. Returns what the loader said on its standard error, empty
 * when all went well: whether the module is there now, the kernel knows best. A signal ends the loader.
 */
export async function loadModule(name: string, signal?: AbortSignal): Promise<string> {
  // child_process costs a few milliseconds at each start, and is nearly never needed.
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile(
      MODPROBE,
      [name],
      { timeout: LOADER_DEADLINE_MS, encoding: 'utf8', ...(signal && { signal }) },
      (error, _stdout, stderr) => {
        resolve(stderr === '' && error !== null ? `${error.message}\n` : stderr);
      },
    );
  });
}
