/** The worker that stands between the network and the decoder of a sealed view. */
import { type Opener, openerOf, unsealed } from './unseal.ts';

interface EncodedFrame {
  data: ArrayBuffer;
}
interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: { readonly kid: string; readonly key: Uint8Array<ArrayBuffer> };
}

/** Opened side by side, since each waits for another thread; a second of pictures at most. */
const MOST_OPENING = 30;

addEventListener('rtctransform', (event) => {
  const { readable, writable, options } = (event as unknown as { transformer: Transformer }).transformer;
  void pump(readable.getReader(), writable.getWriter(), openerOf(options.key, BigInt(options.kid)));
});

/** Hands pictures on in their order. One that cannot be opened is left out; the decoder asks for a whole one. */
async function pump(
  from: ReadableStreamDefaultReader<EncodedFrame>,
  to: WritableStreamDefaultWriter<EncodedFrame>,
  opener: Promise<Opener>,
): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const open = async (frame: EncodedFrame): Promise<EncodedFrame | undefined> => {
    try {
      frame.data = (await unsealed(await opener, new Uint8Array(frame.data))).buffer;
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
