/** The agent did not answer, or not as it should; what it did since then, as a part of a sentence: `has not answered`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of the HTTP answer, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;

/** Questions to the agent that this page came from. */
export class Api {
  /** How far the agent's clock is ahead of this machine's: ages are by the agent's. */
  #clockOffsetMs = 0;

  /** Milliseconds since 1970 by the agent's clock. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  async get<Answer>(path: string): Promise<Answer> {
    let response: Response;
    try {
      response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' });
    } catch {
      throw new ApiError('has not answered');
    }
    if (!response.ok) throw new ApiError(await problemIn(response), response.status);
    this.#noteClock(response.headers.get('date'));
    try {
      return (await response.json()) as Answer;
    } catch {
      throw new ApiError('has not ended its answers');
    }
  }

  /** The header has whole seconds, and the answer took a while: smaller differences say nothing. */
  #noteClock(date: string | null): void {
    const offset = Date.parse(date ?? '') - Date.now();
    if (Number.isNaN(offset)) return;
    this.#clockOffsetMs = Math.abs(offset) < 2_000 ? 0 : offset;
  }
}

/** Errors are `{"error": "…"}`; a proxy may say something else. */
async function problemIn(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  const isError = typeof answer === 'object' && answer !== null && 'error' in answer;
  const error = isError && typeof answer.error === 'string' ? answer.error : '';
  return `has answered with status ${response.status}${error && ` (${error})`}`;
}
