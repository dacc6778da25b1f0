/** The state of the home as the page knows it: loaded once, then kept by the hub's events. Components ask to be told of changes. */
import { ApiError, call, explain, hubNow } from './api.ts';
import { retryAfterMs } from './retry.ts';
import type { Camera, Device, LiveValue, Measurement, Quantity } from './shapes.ts';
import { startOfDay } from './words.ts';

/** A live value older than this is not of now: somebody stepped off, or the device went away. */
const LIVE_FOR_MS = 3000;
/** Times of one moment that were dated one after the other. */
const SAME_MS = 100;

export interface Home {
  readonly quantities: ReadonlyMap<string, Quantity>;
  readonly devices: ReadonlyMap<string, Device>;
  readonly camera: Camera | undefined;
  /** False while the hub does not answer; values are then as old as `heardMs`. */
  readonly online: boolean;
  readonly heardMs: number;
  readonly trouble: { readonly message: string; readonly remedy: string } | undefined;
  /** Newest measurement of a quantity, of any device. */
  newest(quantity: string): Measurement | undefined;
  /** Newest measurement of each quantity of each device. */
  everyNewest(): readonly Measurement[];
  /** What a device shows right now, not yet a measurement. */
  liveNow(quantity: string): LiveValue | undefined;
  /** Sum since midnight, with what is being counted now. */
  today(quantity: string): number;
  /** Calls back on every change of a quantity's kept values, until the returned function is called. */
  onMeasured(quantity: string, then: () => void): () => void;
  onChange(then: () => void): () => void;
  close(): void;
}

export function openHome(): Home {
  const quantities = new Map<string, Quantity>();
  const devices = new Map<string, Device>();
  const newest = new Map<string, Measurement>();
  const everyNewest = new Map<string, Measurement>();
  const live = new Map<string, LiveValue>();
  const sums = new Map<string, { day: number; sum: number }>();
  const changed = new Set<() => void>();
  const measured = new Map<string, Set<() => void>>();
  let camera: Camera | undefined;
  let online = false;
  let heardMs = 0;
  let trouble: Home['trouble'];
  let events: EventSource | undefined;
  let attempt = 0;
  let timer = 0;
  let closed = false;

  const tell = (): void => {
    for (const then of changed) then();
  };
  const heard = (): void => {
    heardMs = hubNow();
    online = true;
    trouble = undefined;
  };
  const keep = (measurement: Measurement): void => {
    const renew = (map: Map<string, Measurement>, key: string): void => {
      const before = map.get(key);
      if (before === undefined || Date.parse(before.end) <= Date.parse(measurement.end)) map.set(key, measurement);
    };
    renew(newest, measurement.quantity);
    renew(everyNewest, `${measurement.quantity}/${measurement.device}`);
  };
  const add = ({ quantity, value, end }: Measurement): void => {
    const day = startOfDay(Date.parse(end));
    const sum = sums.get(quantity);
    if (sum !== undefined && sum.day === day) sums.set(quantity, { day, sum: sum.sum + value });
    else if (sum === undefined || sum.day < day) sums.set(quantity, { day, sum: value });
  };

  /** What a guest may not see is not there for them. */
  const mine = <T>(path: string, otherwise: T): Promise<T> =>
    call<T>('GET', path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 403) return otherwise;
      throw error;
    });
  const load = async (): Promise<void> => {
    const day = startOfDay(hubNow());
    const [all, latest, known, seen, steps] = await Promise.all([
      call<Quantity[]>('GET', 'quantities'),
      call<Measurement[]>('GET', 'latest'),
      mine<Device[]>('devices', []),
      mine<Camera | undefined>('camera', undefined),
      call<{ points: { sum: number }[] }>('GET', `series?quantity=steps&from=${day}&points=48`),
    ]);
    for (const quantity of all) quantities.set(quantity.id, quantity);
    for (const measurement of latest) keep(measurement);
    for (const device of known) devices.set(device.id, device);
    camera = seen;
    sums.set('steps', { day, sum: steps.points.reduce((total, { sum }) => total + sum, 0) });
  };

  /** Events first, then the state, so that nothing falls between; what comes twice changes nothing but a sum, which is loaded last. */
  const connect = (): void => {
    const source = new EventSource('/api/v1/live');
    events = source;
    const on = <T>(type: string, take: (body: T) => void): void =>
      source.addEventListener(type, (event) => {
        heard();
        take(JSON.parse((event as MessageEvent<string>).data) as T);
        tell();
      });
    on<Measurement>('measurement', (measurement) => {
      keep(measurement);
      add(measurement);
      live.delete(measurement.quantity);
      for (const then of measured.get(measurement.quantity) ?? []) then();
    });
    on<LiveValue>('live', (value) => live.set(value.quantity, value));
    on<Device>('device', (device) => devices.set(device.id, device));
    on<Camera>('video', (next) => {
      camera = next;
    });
    source.addEventListener('wake-up', () => window.dispatchEvent(new Event('hearth-wake-up')));
    source.onopen = () => {
      load().then(
        () => {
          attempt = 0;
          heard();
          for (const set of measured.values()) for (const then of set) then();
          tell();
        },
        (error: unknown) => lose(explain(error)),
      );
    };
    source.onerror = () =>
      lose({ message: 'The hub does not answer.', remedy: 'It is tried again by itself. Check that the hub has power.' });
  };
  const lose = (why: { message: string; remedy: string }): void => {
    events?.close();
    online = false;
    trouble = why;
    tell();
    if (!closed) timer = window.setTimeout(connect, retryAfterMs(attempt++));
  };
  connect();
  // Live values go out of date by themselves.
  const tick = window.setInterval(tell, 1000);

  return {
    quantities,
    devices,
    get camera() {
      return camera;
    },
    get online() {
      return online;
    },
    get heardMs() {
      return heardMs;
    },
    get trouble() {
      return trouble;
    },
    newest: (quantity) => newest.get(quantity),
    everyNewest: () => [...everyNewest.values()],
    liveNow(quantity) {
      const value = live.get(quantity);
      if (value === undefined || hubNow() - Date.parse(value.at) >= LIVE_FOR_MS) return undefined;
      // The last live value of a measurement may come after it.
      const kept = everyNewest.get(`${quantity}/${value.device}`);
      return kept !== undefined && Date.parse(value.at) - Date.parse(kept.end) < SAME_MS ? undefined : value;
    },
    today(quantity) {
      const sum = sums.get(quantity);
      const counted = sum !== undefined && sum.day === startOfDay(hubNow()) ? sum.sum : 0;
      return counted + (live.get(quantity)?.value ?? 0);
    },
    onMeasured(quantity, then) {
      const set = measured.get(quantity) ?? new Set();
      measured.set(quantity, set.add(then));
      return () => set.delete(then);
    },
    onChange(then) {
      changed.add(then);
      return () => changed.delete(then);
    },
    close() {
      closed = true;
      window.clearTimeout(timer);
      window.clearInterval(tick);
      events?.close();
    },
  };
}
