/**
 * The edge's end of a camera's line: puts packets into their order, asks for those that were lost, and tells the sender when each arrived.
 * The engine's own ways ask for each packet that is late ten times within 50 ms, which fills a thin line by itself, and tell of losses as
 * if they had arrived.
 */
import type { Clock } from '../../../firmware/protocol/time.ts';
import { createAsking } from './asking.ts';
import { createInOrder } from './in-order.ts';
import { createQueueDelay } from './queue-delay.ts';
import type { Arrival } from './transport-feedback.ts';

/** While something is missing. */
const LOOK_EACH_MS = 20;
/** Three round trips of a bad line; after that a new picture is sooner there than what is missing of the old one. */
const GIVE_UP_MS = 1000;
/** As libwebrtc's own receivers do (RemoteEstimatorProxy): 100 ms. */
const TELL_EACH_MS = 100;
/** So long one is waited for before it is told as lost: until it is known by how much packets overtake each other, and for twice that. */
const LEAST_LATE_MS = 100;
/** Of transport-wide numbers in one go. */
const MOST_LOST = 512;

export interface UplinkOptions<P> {
  readonly clock: Clock;
  /** Is given each packet once, in order. */
  readonly forward: (packet: P) => void;
  /** Asks the sender for packets, by their sequence numbers. */
  readonly ask: (sequences: readonly number[]) => void;
  /** Tells the sender what arrived of the transport-wide numbers from `first` on. */
  readonly tell: (arrivals: readonly Arrival[], first: number) => void;
  /** Asks the sender for a picture that a decoder can begin at. */
  readonly askWhole: () => void;
  /** Packets are lost for good: what comes now is of no use until a whole picture comes. */
  readonly onGap: () => void;
}

export interface Numbers {
  readonly sequence: number;
  /** Transport-wide, of senders that number so. */
  readonly transport: number | undefined;
  /** When it was sent, of senders that say so: see {@link QueueDelay}. */
  readonly sentMs: number | undefined;
}

export interface Uplink<P> {
  take(packet: P, numbers: Numbers): void;
  /** A whole picture is wanted. One that is on its way already is not asked for again: each fills a thin line for a while. */
  want(): void;
  close(): void;
}

export function createUplink<P>({ clock, forward, ask, tell, askWhole, onGap }: UplinkOptions<P>): Uplink<P> {
  const end = new AbortController();
  const asking = createAsking();
  const queue = createQueueDelay();
  const packets = createInOrder<P>(() => GIVE_UP_MS);
  // What is sent again has a transport-wide number of its own: waited for is only what packets overtake each other by.
  const arrivals = createInOrder<Arrival>(() => Math.max(LEAST_LATE_MS, asking.lateMs(clock.monotonic()) * 2));
  let untold: Arrival[] = [];
  let nextTold: number | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let wantedAtMs = Number.NEGATIVE_INFINITY;
  let isLooking = false;

  const arrived = (transport: number, sentMs: number | undefined, nowMs: number): void => {
    const number = arrivals.count(transport);
    const missedMs = arrivals.missing.get(number);
    if (missedMs !== undefined) asking.overtaken(nowMs - missedMs, nowMs);
    const atMs = sentMs === undefined ? nowMs : queue.take(sentMs, nowMs, asking.lateMs(nowMs));
    untold.push(...(arrivals.take(transport, { number, atMs }, nowMs) ?? []));
  };
  const tellNow = (nowMs: number): void => {
    untold.push(...arrivals.giveUp(nowMs));
    if (untold.length === 0 || nowMs - toldAtMs < TELL_EACH_MS) return;
    const first = untold[0]!.number;
    // A sender that began anew counts from elsewhere.
    const isNext = nextTold !== undefined && nextTold <= first && first - nextTold < untold.length + MOST_LOST;
    tell(untold, isNext ? nextTold! : first);
    nextTold = untold.at(-1)!.number + 1;
    toldAtMs = nowMs;
    untold = [];
  };
  const want = (): void => {
    const nowMs = clock.monotonic();
    if (nowMs - wantedAtMs < asking.answerMs(nowMs)) return;
    wantedAtMs = nowMs;
    askWhole();
  };
  const look = (nowMs: number): void => {
    const missed = packets.missing.size;
    const released = packets.giveUp(nowMs);
    if (packets.missing.size < missed) onGap();
    for (const packet of released) forward(packet);
    const due = asking.due(packets.missing, nowMs);
    if (due.length > 0) ask(due.map((number) => number & 0xffff));
    tellNow(nowMs);
  };
  const keepLooking = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    while (!end.signal.aborted && (packets.missing.size > 0 || arrivals.missing.size > 0)) {
      look(clock.monotonic());
      await clock.sleep(LOOK_EACH_MS, end.signal).catch(() => undefined);
    }
    isLooking = false;
  };
  return {
    take(packet, { sequence, transport, sentMs }) {
      const nowMs = clock.monotonic();
      if (transport !== undefined) arrived(transport, sentMs, nowMs);
      const number = packets.count(sequence);
      const missedMs = packets.missing.get(number);
      const released = packets.take(sequence, packet, nowMs);
      if (released === undefined) asking.cameAgain(number, nowMs);
      else {
        asking.came(number, missedMs === undefined ? 0 : nowMs - missedMs, nowMs);
        for (const one of released) forward(one);
      }
      tellNow(nowMs);
      if (packets.missing.size > 0 || arrivals.missing.size > 0) void keepLooking();
    },
    want,
    close: () => end.abort(),
  };
}
