/** Called in an agent: a client that opens a fresh connection for every request. */
import { get } from 'node:http';

const REQUEST_DEADLINE_MS = 2000;

function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: REQUEST_DEADLINE_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve(response.statusCode === 200 ? body.trim() : `HTTP ${response.statusCode ?? 0}`);
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error: NodeJS.ErrnoException) => {
      resolve(`failed: ${error.code ?? error.message}`);
    });
  });
}

/** Who answered how often; a request that failed counts under `failed: <why>`. */
export async function count(url: string, requests: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let asked = 0; asked < requests; asked++) {
    const answer = await ask(url);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}
