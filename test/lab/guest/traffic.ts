/** Called in an agent: a client that opens a fresh connection for every request. */
import { get } from 'node:http';
import { startTimeout } from '../../../src/host/timeout.js';

function ask(url: string, deadlineMs: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve(response.statusCode === 200 ? body.trim() : `HTTP ${response.statusCode ?? 0}`);
      });
    });
    const callOff = startTimeout(deadlineMs, () => request.destroy(new Error('timeout')));
    request.on('close', callOff);
    request.on('error', (error: NodeJS.ErrnoException) => {
      resolve(`failed: ${error.code ?? error.message}`);
    });
  });
}

/** Who answered how often; a request that failed counts under `failed: <why>`. */
export async function count(
  url: string,
  requests: number,
  deadlineMs: number,
): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let asked = 0; asked < requests; asked++) {
    const answer = await ask(url, deadlineMs);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}
