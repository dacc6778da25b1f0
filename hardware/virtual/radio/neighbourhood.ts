/** What a home's air is full of: a thermometer and a body scale that broadcast, and the neighbours' phones. */
import type { AirState } from '../chips/scd41.ts';
import { createRandom } from '../random.ts';
import type { Air } from './air.ts';
import { field } from './hci.ts';

const THERMOMETER = 'A4:C1:38:00:00:09';
const SPEAK_EVERY_MS = 1000;
const PHONE_EVERY_MS = 250;
/** A phone changes its address about each quarter of an hour; these do it more often, so that it is seen. */
const PHONE_STAYS_MS = 60_000;

const flags = field(0x01, Uint8Array.of(0x06));
const name = (text: string): Uint8Array => field(0x09, new TextEncoder().encode(text));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** BTHome v2 (format page of bthome.io): packet number, battery, temperature in 0.01 degrees, humidity in 0.01 %. */
function thermometer({ temperatureC, humidityPercent }: AirState, packet: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(13));
  data.setUint16(0, 0xfcd2, true);
  data.setUint8(2, 0x40);
  data.setUint8(3, 0x00);
  data.setUint8(4, packet & 0xff);
  data.setUint8(5, 0x01);
  data.setUint8(6, 87);
  data.setUint8(7, 0x02);
  data.setInt16(8, Math.round(temperatureC * 100), true);
  data.setUint8(10, 0x03);
  data.setUint16(11, Math.round(humidityPercent * 100), true);
  return join(flags, field(0x16, new Uint8Array(data.buffer)), name('Bedroom'));
}

/** Apple's "nearby" messages (company 0x004C, type 0x10), as every iPhone sends them: nobody's business here. */
const phone = (noise: number): Uint8Array => join(flags, field(0xff, Uint8Array.of(0x4c, 0x00, 0x10, 0x05, 0x01, 0x18, noise, 0x4a, 0x11)));

/** Everything broadcasts until the air is disposed of. */
export function startNeighbourhood(air: Air, room: (nowMs: number) => AirState, nowMs: () => number): void {
  const random = createRandom(7);
  let packet = 0;
  air.beacon({ address: THERMOMETER, intervalMs: SPEAK_EVERY_MS, rssi: -62, data: () => thermometer(room(nowMs()), packet++) });
  let stop = (): void => undefined;
  const move = (): void => {
    stop();
    const bytes = Array.from({ length: 6 }, () =>
      Math.floor(random.uniform() * 256)
        .toString(16)
        .padStart(2, '0'),
    );
    const data = (): Uint8Array => phone(Math.floor(random.uniform() * 256));
    stop = air.beacon({ address: bytes.join(':'), isRandom: true, intervalMs: PHONE_EVERY_MS, rssi: -80, data });
  };
  move();
  air.every(PHONE_STAYS_MS, move);
}
