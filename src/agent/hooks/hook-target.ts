import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { startTimeout } from '../../host/timeout.js';
import { startCommand } from '../../host/run-command.js';
import { connectionReason } from '../checks/reasons.js';
import { endText } from '../checks/command-end.js';

/** What receives events: a program, or a URL. */
export interface HookTarget {
  /** Targets with the same key share a queue. */
  readonly key: string;
  /** As messages name it: `onChange /usr/local/bin/tell`. */
  readonly name: string;
  /** Delivers an event. It takes at most {@link HOOK_TIMEOUT_MS}. */
  deliver(body: string): Delivery;
}

export interface Delivery {
  /** Why it failed; undefined when it was accepted. Never rejects. */
  readonly done: Promise<string | undefined>;
  cancel(): void;
}

export const HOOK_TIMEOUT_MS = 10_000;
const TOO_LATE = `not done in ${HOOK_TIMEOUT_MS / 1000} s`;

/** Runs a program, without a shell, with the event on its standard input. */
export function commandTarget(words: readonly string[]): HookTarget {
  return {
    key: `onChange ${JSON.stringify(words)}`,
    name: `onChange ${words[0] ?? ''}`,
    deliver: (body) =>
      delivery((settle) => {
        const running = startCommand({ words, input: `${body}\n` }, ({ end }) => {
          settle(end.kind === 'exited' && end.status === 0 ? undefined : endText(end));
        });
        return () => {
          running.kill();
        };
      }),
  };
}

/** Sends the event as the body of a POST. Any status of 2xx accepts it. */
export function webhookTarget(url: string): HookTarget {
  const { protocol, host } = new URL(url);
  const request = protocol === 'https:' ? requestHttps : requestHttp;
  return {
    key: `webhook ${url}`,
    // The rest of a URL may be a secret.
    name: `webhook ${protocol}//${host}`,
    deliver: (body) =>
      delivery((settle) => {
        const headers = { 'Content-Type': 'application/json', 'User-Agent': 'ipvs-agent' };
        const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
          const status = response.statusCode ?? 0;
          settle(status >= 200 && status < 300 ? undefined : `status ${status}`);
        });
        sent.on('error', (error) => {
          settle(connectionReason(error));
        });
        sent.end(body);
        return () => {
          sent.destroy();
        };
      }),
  };
}

/** A delivery that ends once: when it is done, at its timeout, or when it is cancelled. Then it releases its resources. */
function delivery(start: (settle: (failure: string | undefined) => void) => () => void): Delivery {
  const { promise, resolve } = deferred();
  let isOver = false;
  const end = (failure: string | undefined): void => {
    if (isOver) return;
    isOver = true;
    cancelTimeout();
    resolve(failure);
  };
  const cancelTimeout = startTimeout(HOOK_TIMEOUT_MS, () => {
    end(TOO_LATE);
  });
  const release = start(end);
  return {
    done: promise.finally(release),
    cancel: () => {
      end('the agent ends');
    },
  };
}

function deferred() {
  let resolve: (failure: string | undefined) => void = () => undefined;
  const promise = new Promise<string | undefined>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
