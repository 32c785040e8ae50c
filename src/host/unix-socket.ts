import { chmod, chown, lstat, mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { codeOf } from '../common/error-code.js';
import { readFileIfExists } from '../common/read-if-exists.js';
import { errorText } from '../common/system-errors.js';
import { hostCall, HostError } from './host-error.js';

/** unix(7): the kernel takes 107 bytes and a zero. */
const MOST_PATH_BYTES = 107;
/** As long as the random name of the folder in which a socket is made. */
const BESIDE = '/.s-XXXXXX/s';

export interface SocketRights {
  readonly mode: number;
  /** The group that the socket is for; where there is none of that name, it is its owner's. */
  readonly group: string;
  /** Whether the folder is for the group too, where only its owner may enter it. */
  readonly opensFolder: boolean;
}

/** A socket that listens. */
export interface ListeningSocket {
  /** What did not work and can be done without: a sentence each. */
  readonly warnings: readonly string[];
  /** Removes the file, if it is still that of this socket. The server is to be closed by its owner. */
  remove(): Promise<void>;
}

/** What is at a path where a socket is to be. */
export type SocketPlace = 'free' | 'stale' | 'in use';

/** @throws HostError when something else than a socket is there, or the path cannot be looked at. */
export async function socketPlace(path: string): Promise<SocketPlace> {
  if (Buffer.byteLength(dirname(path)) + BESIDE.length > MOST_PATH_BYTES) {
    throw new HostError(`${path} is too long for a socket: ${MOST_PATH_BYTES} bytes at most`);
  }
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new HostError(`Cannot look at ${path}: ${errorText(error)}`, { cause: error });
  });
  if (found === undefined) return 'free';
  if (!found.isSocket()) {
    throw new HostError(`${path} exists and is not a socket. Name another path with --socket`);
  }
  const refusal = await connectionRefusal(path);
  if (refusal === undefined) return 'in use';
  if (refusal === 'ECONNREFUSED') return 'stale';
  if (refusal === 'ENOENT') return 'free';
  // A full queue, for instance: somebody is there, however busy.
  return 'in use';
}

/** Why nobody answers at a socket; undefined where somebody does. */
function connectionRefusal(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => {
      resolve(codeOf(error));
    });
  });
}

/**
 * Listens at a path, in place of whatever socket is there: at no moment is the path without a socket, or open to others than
 * it is for.
 * @throws HostError
 */
export async function listenAt(
  server: Server,
  path: string,
  rights: SocketRights,
): Promise<ListeningSocket> {
  const folder = dirname(path);
  await hostCall(`Cannot make ${folder}`, mkdir(folder, { recursive: true, mode: 0o755 }));
  // Nobody else gets into it, whatever the umask makes of the socket's mode.
  const own = await hostCall(`Cannot write in ${folder}`, mkdtemp(join(folder, '.s-')));
  const made = join(own, 's');
  try {
    await hostCall(`Cannot listen at ${path}`, listening(server, made));
    const warnings = await giveRights(made, folder, rights);
    const { ino } = await lstat(made);
    await hostCall(`Cannot listen at ${path}`, rename(made, path));
    const remove = async (): Promise<void> => {
      const now = await lstat(path).catch(() => undefined);
      if (now?.ino === ino) await rm(path, { force: true });
    };
    return { warnings, remove };
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(made, { force: true });
    await rmdir(own).catch(() => undefined);
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Gives the group its rights. @returns warnings. */
async function giveRights(
  socket: string,
  folder: string,
  { mode, group, opensFolder }: SocketRights,
): Promise<string[]> {
  await hostCall(`Cannot change the mode of ${socket}`, chmod(socket, mode));
  const id = await groupId(group);
  if (id === undefined) return [];
  try {
    const { uid, mode: before } = await lstat(folder);
    const made = await lstat(socket);
    // A folder with the set-group-ID bit has given it: a service without CAP_CHOWN is given its group so.
    if (made.gid !== id) await chown(socket, made.uid, id);
    if (opensFolder && (before & 0o011) === 0) {
      await chown(folder, uid, id);
      await chmod(folder, (before & 0o7777) | 0o010);
    }
    return [];
  } catch (error) {
    return [`The group ${group} cannot use the socket in ${folder}: ${errorText(error)}.`];
  }
}

/** The number of a group; undefined where /etc/group has none of that name. */
export async function groupId(name: string, file = '/etc/group'): Promise<number | undefined> {
  const text = (await readFileIfExists(file).catch(() => undefined)) ?? '';
  for (const line of text.split('\n')) {
    const [own, , id = ''] = line.split(':');
    if (own === name && /^\d{1,10}$/.test(id)) return Number(id);
  }
  return undefined;
}
