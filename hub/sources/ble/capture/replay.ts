/** What Hearth makes of a capture: each broadcast through the decoders, and what came over the connection through its family's session. Pure. */
import type { Advertisement, BleValue } from '../advertisement.ts';
import { decodeAdvertisement } from '../advertisements/decode.ts';
import { chooseSession } from '../gatt/choose.ts';
import { recordOf } from '../gatt/instruments/record.ts';
import type { ScaleAction, ScaleEvent } from '../gatt/scales/session.ts';
import { advertisementOf, advertisingReports } from '../hci-report.ts';
import type { Capture, CapturedGatt, Said } from './capture-file.ts';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

export function replay({ address, name, cases, gatt }: Capture): Said[] {
  let session: ReturnType<typeof chooseSession>;
  const said = cases.flatMap(({ id, hci_event_hex }) =>
    hci_event_hex
      .flatMap((hex) => advertisingReports(bytesOf(hex)))
      .map((report): Said => {
        // Its name may stand in another packet of it.
        const alone = advertisementOf(report);
        const advertisement: Advertisement = { ...alone, name: alone.name ?? name };
        session ??= chooseSession(advertisement);
        const decoded = decodeAdvertisement(advertisement, {});
        if (decoded === undefined) return { of: id, kind: 'unknown', model: '', values: [] };
        const values = decoded.kind === 'values' ? decoded.values : [];
        return { of: id, kind: decoded.kind === 'refused' ? decoded.reason : decoded.kind, model: decoded.model, values: [...values] };
      }),
  );
  if (gatt === null) return said;
  if (session === undefined) return [...said, { of: 'gatt', kind: 'unknown', model: '', values: standardValues(gatt) }];
  const { family, init, step } = session;
  const events: ScaleEvent[] = [
    {
      kind: 'connected',
      at: 0,
      connection: { address, name, characteristics: new Set(gatt.characteristics.map(({ uuid }) => uuid)), random: new Uint8Array(16) },
      time: null,
    },
    ...gatt.told.map(
      ({ how, atMs: at, characteristic, data }): ScaleEvent =>
        how === 'read'
          ? { kind: 'answer', at, characteristic, bytes: data === null ? null : bytesOf(data) }
          : { kind: 'notification', at, characteristic, bytes: bytesOf(data ?? '') },
    ),
    { kind: 'disconnected', at: gatt.told.at(-1)?.atMs ?? 0 },
  ];
  let state = init(ANYBODY);
  const measured: BleValue[] = [];
  for (const event of events) {
    const [next, actions] = step(state, event);
    state = next;
    for (const action of actions) measured.push(...valuesOf(action));
  }
  return [...said, { of: 'gatt', kind: 'values', model: family.model, values: measured }];
}

/** Nobody's: a file is compared with itself on another day. */
const ANYBODY = { heightCm: 170, ageYears: 40, sex: 'male' } as const;

const valuesOf = (action: ScaleAction): readonly BleValue[] =>
  action.kind === 'measurement' && action.settled
    ? action.values
    : action.kind === 'log'
      ? action.records.flatMap(({ values }) => values)
      : [];

/** Of a device that no family claims: what its standard characteristics measure. */
const standardValues = ({ told }: CapturedGatt): BleValue[] =>
  told.flatMap(({ characteristic, data }) => [...((data === null ? undefined : recordOf(characteristic, bytesOf(data)))?.values ?? [])]);
