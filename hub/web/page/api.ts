/** Calls to the hub's API, and the hub's own time, which the page uses in place of the browser's. */

/** Longer than any answer of a Pi under load, shorter than a person's patience. */
const ANSWER_WITHIN_MS = 10_000;

export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly remedy: string;

  constructor(status: number, code: string, message: string, remedy = '') {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

let hubAheadMs = 0;

/** Now by the hub's clock, UTC milliseconds: a phone or a hub with a wrong clock must not make fresh values look stale. */
export const hubNow = (): number => Date.now() + hubAheadMs;

const noAnswer = (): ApiError =>
  new ApiError(0, 'offline', 'The hub does not answer.', 'Check that it has power and that this device is on the home network.');

/**
 * Sends a request to `/api/v1/<path>` and gives the parsed answer. The shape is the server's word: it validates its own
 * answers. Throws {@link ApiError}, also when no answer comes.
 */
export async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  const response = await send(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
  const text = await response.text().catch(() => {
    throw noAnswer();
  });
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Sends a request and gives the response when it succeeded. Throws {@link ApiError}. */
export async function send(method: string, path: string, body: string | Blob | undefined, type: string, isQuick = true): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
      // What carries a file takes as long as it takes.
      ...(isQuick ? { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) } : {}),
    });
  } catch {
    throw noAnswer();
  }
  const sentAt = Date.parse(response.headers.get('date') ?? '');
  // The header counts whole seconds: a smaller difference is rounding.
  if (Number.isFinite(sentAt)) hubAheadMs = Math.abs(sentAt - Date.now()) < 2000 ? 0 : sentAt - Date.now();
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'refused';
    const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : '';
    return new ApiError(response.status, code, error.message, remedy);
  }
  return new ApiError(response.status, 'refused', `The hub refused (${response.status}).`, 'Try again in a moment.');
}

/** Any thrown thing as the message and the remedy a person reads. */
export const explain = (error: unknown): { message: string; remedy: string } =>
  error instanceof ApiError
    ? { message: error.message, remedy: error.remedy }
    : { message: error instanceof Error ? error.message : String(error), remedy: 'Load the page again.' };
