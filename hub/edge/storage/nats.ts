/**
 * NATS JetStream between the processes that hubs reach and those that write, as an option: a rush of hubs after an outage waits in the
 * stream instead of in the database. A batch is answered only when it was written, so a receipt means the same with and without a
 * queue; a writer that dies in the middle leaves its batch to another.
 *
 * A batch lies in the stream's file until it is written, and there until the server reuses the space.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AckPolicy, type ConsumerMessages, jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect, createInbox, headers, nanos } from '@nats-io/transport-node';
import type { Batch } from '../entry.ts';
import { entriesOf, packOf } from '../pack.ts';
import { type EdgeStorage, StorageError, type Taken } from './storage.ts';

export interface QueueOptions {
  /** `nats://host:port`. */
  readonly url: string;
  /** Of this edge's processes; another name is another edge. */
  readonly stream: string;
  /** False in a process that only takes from hubs. */
  readonly writes?: boolean;
}

/** Longer than a write takes, shorter than a hub waits. */
const ANSWER_WITHIN_MS = 20_000;
/** A writer that said nothing for so long is dead; another still writes the batch in time for the answer. Twice written is once kept. */
const WRITE_WITHIN_MS = 8000;
/** The database has trouble: its batches come again then. */
const AGAIN_AFTER_MS = 1000;
/** Batches that one writer has in hand. */
const MOST_IN_HAND = 16;
const REPLY = 'hearth-reply';

/** Puts the queue before a storage. Disposing it disposes both. Rejects with StorageError when there is no server. */
export async function queuedStorage(storage: EdgeStorage, { url, stream, writes = true }: QueueOptions): Promise<EdgeStorage> {
  const subject = `${stream}.batches`;
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: AGAIN_AFTER_MS }).catch((error: Error) => {
    throw new StorageError(`the queue ${url} cannot be reached: ${error.message}`, { cause: error });
  });
  // While the server is away, what waits for it is refused at once: a hub waits better than an edge.
  let gone = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') gone.abort(new StorageError(`the queue ${url} went away`));
      else if (type === 'reconnect') gone = new AbortController();
    }
  };
  void follow();
  const whileThere = <T>(work: Promise<T>): Promise<T> => {
    const { signal } = gone;
    // What loses the race ends in its own time, and nobody waits for it.
    work.catch(() => undefined);
    const lost = Promise.withResolvers<never>();
    const lose = (): void => lost.reject(signal.reason);
    if (signal.aborted) lose();
    else signal.addEventListener('abort', lose, { once: true });
    return Promise.race([work, lost.promise]).finally(() => signal.removeEventListener('abort', lose));
  };
  const manager = await jetstreamManager(connection);
  // Adding what is there already with the same settings changes nothing.
  await manager.streams.add({ name: stream, subjects: [subject], retention: RetentionPolicy.Workqueue, storage: StorageType.File });
  await manager.consumers.add(stream, {
    durable_name: 'writers',
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(WRITE_WITHIN_MS),
    max_ack_pending: MOST_IN_HAND * 8,
  });
  const client = jetstream(connection);

  const messages = writes ? await (await client.consumers.get(stream, 'writers')).consume({ max_messages: MOST_IN_HAND }) : undefined;
  const write = async (from: ConsumerMessages): Promise<void> => {
    for await (const message of from) {
      const reply = message.headers?.get(REPLY) ?? '';
      try {
        const taken = await storage.take(batchOf(message.data));
        connection.publish(reply, JSON.stringify(taken));
        message.ack();
      } catch (error) {
        if (error instanceof StorageError) message.nak(AGAIN_AFTER_MS);
        else {
          // What cannot be read now cannot be read later either: its sender is told by silence, and sends again.
          console.error(`a batch of the queue does not read: ${error instanceof Error ? error.message : error}`);
          message.term();
        }
      }
    }
  };
  const writing = messages === undefined ? Promise.resolve() : write(messages);
  writing.catch((error: Error) => console.error(`the queue's writer ended: ${error.message}`));

  return {
    ...storage,
    async take(batch): Promise<Taken> {
      gone.signal.throwIfAborted();
      const inbox = createInbox();
      const answers = connection.subscribe(inbox, { max: 1, timeout: ANSWER_WITHIN_MS });
      const more = headers();
      more.set(REPLY, inbox);
      const answered = async (): Promise<Taken> => {
        await client.publish(subject, bytesOf(batch), { headers: more });
        for await (const answer of answers) return answer.json<Taken>();
        throw new Error('it closed');
      };
      try {
        return await whileThere(answered());
      } catch (error) {
        answers.unsubscribe();
        if (error instanceof StorageError) throw error;
        throw new StorageError(`the queue ${url} does not answer: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    },
    async check() {
      const flushed = connection.flush().catch((error: Error) => {
        throw new StorageError(`the queue ${url} does not answer: ${error.message}`, { cause: error });
      });
      await Promise.all([storage.check(), whileThere(flushed)]);
    },
    async [Symbol.asyncDispose]() {
      await messages?.close();
      await writing.catch(() => undefined);
      await connection.drain();
      await storage[Symbol.asyncDispose]();
    },
  };
}

const bytesOf = ({ hub, vault, ...batch }: Batch): Buffer => zstdCompressSync(JSON.stringify({ hub, vault, pack: packOf(batch) }));

function batchOf(bytes: Uint8Array): Batch {
  const { hub, vault, pack } = JSON.parse(zstdDecompressSync(bytes).toString('utf8')) as { hub: string; vault: string; pack: unknown };
  return { hub, vault, ...entriesOf(pack) };
}
