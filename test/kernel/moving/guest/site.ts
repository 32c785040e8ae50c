/** Called in an agent: a web server that says its name, and shows the files of its folder. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';

let server: Server | undefined;

/** `/` is its name, whatever is in the folder; the health check asks for a file there. */
export function open(name: string, folder: string): Promise<void> {
  const opened = createServer(({ url = '/' }, response) => {
    const page = url === '/' ? name : pageOf(join(folder, url));
    response.writeHead(page === undefined ? 404 : 200, { Connection: 'close' });
    response.end(page);
  });
  server = opened;
  return new Promise((resolve, reject) => {
    opened.once('error', reject).listen(80, '::', resolve);
  });
}

function pageOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Closes the port and every connection, as when the process has ended. */
export function shut(): Promise<void> {
  return new Promise((resolve) => {
    server?.close(() => {
      resolve();
    });
    server?.closeAllConnections();
  });
}
