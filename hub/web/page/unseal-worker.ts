/** The worker that stands between the network and the decoder of a sealed view. */
import { type Opener, openerOf, type Sealed, soundKid, unsealed, unsealedSound } from './unseal.ts';

interface EncodedFrame {
  data: ArrayBuffer;
}
interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: { readonly kid: string; readonly key: Uint8Array<ArrayBuffer>; readonly of: Sealed };
}

/** How each kind is opened. */
const ways = {
  pictures: { kidOf: (kid: bigint) => kid, opened: unsealed },
  sound: { kidOf: soundKid, opened: unsealedSound },
} as const;

/** Opened side by side, since each waits for another thread; a second of pictures at most. */
const MOST_OPENING = 30;

addEventListener('rtctransform', (event) => {
  const { readable, writable, options } = (event as unknown as { transformer: Transformer }).transformer;
  const { kidOf, opened } = ways[options.of];
  void pump(readable.getReader(), writable.getWriter(), openerOf(options.key, kidOf(BigInt(options.kid))), opened);
});

/** Hands them on in their order. One that cannot be opened is left out: the decoder asks for a whole picture, and conceals what sound it misses. */
async function pump(
  from: ReadableStreamDefaultReader<EncodedFrame>,
  to: WritableStreamDefaultWriter<EncodedFrame>,
  opener: Promise<Opener>,
  opened: (opener: Opener, data: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const open = async (frame: EncodedFrame): Promise<EncodedFrame | undefined> => {
    try {
      frame.data = (await opened(await opener, new Uint8Array(frame.data))).buffer;
      return frame;
    } catch {
      return undefined;
    }
  };
  for (;;) {
    const { done, value } = await from.read();
    if (done) return;
    const opening = open(value);
    waiting++;
    const handOn = async (): Promise<void> => {
      const frame = await opening;
      waiting--;
      if (frame !== undefined) await to.write(frame);
    };
    // The decoder has gone when it takes no more.
    last = last.then(handOn).catch(() => undefined);
    if (waiting >= MOST_OPENING) await last;
  }
}
