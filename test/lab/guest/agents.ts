import { spawn, type ChildProcess } from 'node:child_process';
import type { AgentAnswer, AgentTask, GuestReply, GuestRequest } from '../protocol.js';

type Call = GuestRequest & { op: 'call' };

/** One long-living node per network namespace: importing the code under test once beats starting node each time. */
export class AgentPool {
  readonly #agents = new Map<string, Agent>();

  readonly #script: string;

  constructor(script: string) {
    this.#script = script;
  }

  call(request: Call): Promise<GuestReply> {
    let agent = this.#agents.get(request.namespace);
    if (agent === undefined) {
      agent = new Agent(request.namespace, this.#script, () => {
        // It may have a successor already.
        if (this.#agents.get(request.namespace) === agent) this.#agents.delete(request.namespace);
      });
      this.#agents.set(request.namespace, agent);
    }
    return agent.call(request);
  }

  async end(namespace: string): Promise<void> {
    await this.#agents.get(namespace)?.end();
  }
}

class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: GuestReply) => void>();
  readonly #ended: Promise<void>;
  readonly #forget: () => void;
  #lastId = 0;
  #said = '';

  constructor(namespace: string, script: string, forget: () => void) {
    this.#forget = forget;
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.on('message', (answer: AgentAnswer) => {
      this.#settle(
        answer.id,
        'value' in answer
          ? { kind: 'result', value: answer.value }
          : { kind: 'failure', message: answer.failure },
      );
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on(
        'data',
        (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4000)),
      );
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        this.#forget();
        const message = `the agent of namespace ${namespace} has ended\n${this.#said}`;
        for (const id of this.#waiting.keys()) this.#settle(id, { kind: 'failure', message });
        resolve();
      };
      this.#child.on('close', over);
      this.#child.on('error', over);
    });
  }

  call(request: Call): Promise<GuestReply> {
    const id = ++this.#lastId;
    const task: AgentTask = { id, module: request.module, name: request.name, args: request.args };
    return new Promise((resolve) => {
      // What hangs may hold the event loop: only a new agent is sure to answer the next call.
      const timer = setTimeout(() => {
        const result = { code: 124, stdout: '', stderr: this.#said };
        this.#settle(id, { kind: 'deadline', result });
        void this.end();
      }, request.deadlineMs);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.#child.send(task, (error) => {
        if (error) this.#settle(id, { kind: 'failure', message: error.message });
      });
    });
  }

  async end(): Promise<void> {
    this.#forget();
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #settle(id: number, reply: GuestReply): void {
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
  }
}
