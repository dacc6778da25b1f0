/**
 * One session with a Janus server by its WebSocket API: requests by transaction, handles of plugins, events. Opened again when it is lost;
 * whatever went through it is lost then.
 */
import { randomBytes } from 'node:crypto';

/** Janus answers within milliseconds, and within a second where it gathers candidates. */
const ANSWER_WITHIN_MS = 5000;
/** Janus drops a session that was silent for 60 s. */
const KEEP_ALIVE_MS = 25_000;
const OPEN_AGAIN_MS = 500;

export interface JanusAddress {
  /** `ws://127.0.0.1:8188`; asked anew for each connection, as a server that was started again may be elsewhere. */
  readonly url: string;
  /** `api_secret` of janus.jcfg; left out where it has none. */
  readonly secret?: string;
}

export interface Jsep {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

export interface PluginAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly jsep: Jsep | undefined;
}

/** A plugin's refusal, or a server that is away: `code` is Janus' own number, 0 where it did not answer. */
export class JanusError extends Error {
  override readonly name = 'JanusError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface JanusHandle {
  /** Rejects with {@link JanusError}. */
  ask(body: Readonly<Record<string, unknown>>, jsep?: Jsep): Promise<PluginAnswer>;
  trickle(candidate: string, mid: string): void;
  /** The media goes now. */
  onUp: () => void;
  /** It will never go again. */
  onDown: () => void;
  detach(): void;
}

export interface JanusSession {
  /** Rejects with {@link JanusError}. */
  attach(plugin: string): Promise<JanusHandle>;
  /** Undefined while there is a session. */
  trouble(): string | undefined;
  close(): void;
}

type Word = {
  readonly janus: string;
  readonly transaction?: string;
  readonly sender?: number;
  readonly data?: { readonly id: number };
  readonly plugindata?: { readonly data: Readonly<Record<string, unknown>> };
  readonly jsep?: Jsep;
  readonly error?: { readonly code: number; readonly reason: string };
};

/** @param onOpen runs in each new session before anybody else may use it */
export function openJanus(address: JanusAddress, onOpen: (session: Pick<JanusSession, 'attach'>) => Promise<void>): JanusSession {
  const { secret } = address;
  const waiting = new Map<string, { done: (word: Word) => void; fail: (error: JanusError) => void }>();
  const handles = new Map<number, JanusHandle>();
  let socket: WebSocket | undefined;
  let id: number | undefined;
  let trouble: string | undefined = `the media server at ${address.url} does not answer yet`;
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;

  const send = (body: object, transaction = randomBytes(9).toString('base64url')): string => {
    const whole = {
      ...body,
      transaction,
      ...(id === undefined ? {} : { session_id: id }),
      ...(secret === undefined ? {} : { apisecret: secret }),
    };
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(whole));
    return transaction;
  };
  const request = (body: object): Promise<Word> =>
    new Promise((resolve, reject) => {
      if (socket?.readyState !== WebSocket.OPEN) return reject(new JanusError(0, trouble ?? 'the media server is away'));
      const transaction = send(body);
      const patience = setTimeout(() => settle(() => reject(new JanusError(0, 'the media server does not answer'))), ANSWER_WITHIN_MS);
      const settle = (act: () => void): void => {
        clearTimeout(patience);
        waiting.delete(transaction);
        act();
      };
      waiting.set(transaction, { done: (word) => settle(() => resolve(word)), fail: (error) => settle(() => reject(error)) });
    });

  const attach = async (plugin: string): Promise<JanusHandle> => {
    const { data } = await request({ janus: 'attach', plugin });
    const handle_id = data!.id;
    const handle: JanusHandle = {
      async ask(body, jsep) {
        const word = await request({ janus: 'message', handle_id, body, ...(jsep === undefined ? {} : { jsep }) });
        const said = word.plugindata?.data ?? {};
        if (typeof said.error_code === 'number') throw new JanusError(said.error_code, String(said.error));
        return { data: said, jsep: word.jsep };
      },
      trickle: (candidate, sdpMid) => void send({ janus: 'trickle', handle_id, candidate: { candidate, sdpMid, sdpMLineIndex: 0 } }),
      onUp: () => undefined,
      onDown: () => undefined,
      detach() {
        if (handles.delete(handle_id)) send({ janus: 'detach', handle_id });
      },
    };
    handles.set(handle_id, handle);
    return handle;
  };

  const hear = (word: Word): void => {
    const asked = waiting.get(word.transaction ?? '');
    const { error } = word;
    if (word.janus === 'error') asked?.fail(new JanusError(error?.code ?? 0, error?.reason ?? 'the media server refused'));
    // An `ack` says that the plugin's own answer follows.
    else if (word.janus === 'success' || (word.janus === 'event' && word.plugindata !== undefined)) asked?.done(word);
    const handle = handles.get(word.sender ?? 0);
    if (word.janus === 'webrtcup') handle?.onUp();
    if (word.janus === 'hangup' || word.janus === 'detached') handle?.onDown();
  };
  const lose = (why: string): void => {
    id = undefined;
    trouble = why;
    for (const { fail } of [...waiting.values()]) fail(new JanusError(0, why));
    const lost = [...handles.values()];
    handles.clear();
    for (const handle of lost) handle.onDown();
  };

  const connect = (): void => {
    const { url } = address;
    const own = new WebSocket(url, 'janus-protocol');
    socket = own;
    own.addEventListener('open', () => {
      const begin = async (): Promise<void> => {
        const { data } = await request({ janus: 'create' });
        id = data!.id;
        await onOpen({ attach });
        trouble = undefined;
      };
      begin().catch((error: Error) => {
        trouble = `the media server at ${url} refuses: ${error.message}`;
        own.close();
      });
    });
    own.addEventListener('message', ({ data }) => {
      try {
        hear(JSON.parse(String(data)) as Word);
      } catch (error) {
        console.error(`the media server said what is no JSON: ${error instanceof Error ? error.message : error}`);
      }
    });
    own.addEventListener('close', () => {
      if (socket !== own) return;
      socket = undefined;
      lose(trouble ?? `the media server at ${url} is away`);
      if (!isClosed) again = setTimeout(connect, OPEN_AGAIN_MS);
    });
    // A `close` follows, which is what is acted upon.
    own.addEventListener('error', () => undefined);
  };
  connect();
  const alive = setInterval(() => {
    if (id !== undefined) send({ janus: 'keepalive' });
  }, KEEP_ALIVE_MS);

  return {
    attach,
    trouble: () => trouble,
    close() {
      isClosed = true;
      clearInterval(alive);
      clearTimeout(again);
      if (id !== undefined) send({ janus: 'destroy' });
      lose('the edge ends');
      socket?.close();
    },
  };
}
