/**
 * Batches of other writers as SenML (RFC 8428, JSON): each record is a measurement, named `device/quantity`, dated by `t` in
 * absolute seconds. Records are numbered by the writer: the first lies one after the position it names, the others follow, so that
 * a batch sent again changes nothing.
 */
import type { Static } from 'typebox';
import { isQuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import { mistakes } from '../../firmware/schema/check.ts';
import { Type } from '../../firmware/schema/type.ts';
import { BatchError } from './batch-error.ts';
import { type MeasuredEntry, MOST_ENTRIES } from './entry.ts';

export const Senml = Type.Array(
  Type.Object({
    bn: Type.Optional(Type.String({ maxLength: 192 })),
    bt: Type.Optional(Type.Number()),
    bu: Type.Optional(Type.String({ maxLength: 32 })),
    bv: Type.Optional(Type.Number()),
    bver: Type.Optional(Type.Integer()),
    n: Type.Optional(Type.String({ maxLength: 192 })),
    u: Type.Optional(Type.String({ maxLength: 32 })),
    t: Type.Optional(Type.Number()),
    v: Type.Optional(Type.Number()),
  }),
  { minItems: 1, maxItems: MOST_ENTRIES },
);

/** Below this a SenML time counts from now (RFC 8428, 4.5.3), which a writer that retries cannot mean. */
const LEAST_ABSOLUTE_S = 2 ** 28;
/** UCUM codes as the SenML registry (IANA) writes them, where the two differ. */
const senmlUnits: Readonly<Record<string, string>> = {
  '%RH': '%',
  '%EL': '%',
  ppm: '[ppm]',
  beats: '1',
  'beat/min': '/min',
  dBm: 'dB[mW]',
};

/** Throws {@link BatchError} naming the record. */
export function senmlEntries(body: unknown, after: number): MeasuredEntry[] {
  const [mistake] = mistakes(Senml, body);
  if (mistake !== undefined) throw new BatchError(`the SenML pack is wrong at ${mistake.instancePath || 'its top'}: ${mistake.message}`);
  let base: { n: string; t: number; u: string | undefined; v: number } = { n: '', t: 0, u: undefined, v: 0 };
  const entries: MeasuredEntry[] = [];
  for (const [index, record] of (body as Static<typeof Senml>).entries()) {
    base = { n: record.bn ?? base.n, t: record.bt ?? base.t, u: record.bu ?? base.u, v: record.bv ?? base.v };
    const name = base.n + (record.n ?? '');
    const seconds = base.t + (record.t ?? 0);
    if (record.v === undefined) {
      // A record of base values alone is none of its own.
      if (record.n === undefined && record.t === undefined) continue;
      throw new BatchError(`record ${index} (${name}) has no v: only numbers are taken`);
    }
    const slash = name.lastIndexOf('/');
    const quantity = name.slice(slash + 1);
    if (slash < 1 || !isQuantityId(quantity))
      throw new BatchError(
        `record ${index} is named '${name}': write device/quantity with a quantity of the table, such as scale-1/weight`,
      );
    const unit = record.u ?? base.u;
    const own = quantities[quantity].unit;
    if (unit !== undefined && unit !== own && senmlUnits[unit] !== own)
      throw new BatchError(`record ${index} (${name}) is in '${unit}': ${quantity} is in '${own}'`);
    if (seconds < LEAST_ABSOLUTE_S)
      throw new BatchError(`record ${index} (${name}) has no absolute time: give t or bt in seconds since 1970`);
    const seq = after + entries.length + 1;
    entries.push({
      kind: 'measured',
      seq,
      device: name.slice(0, slash),
      boot: 0,
      sequence: seq,
      code: quantities[quantity].code,
      value: base.v + record.v,
      endUtcMs: Math.round(seconds * 1000),
      spanMs: 0,
      timeQuality: 'device',
    });
  }
  if (entries.length === 0) throw new BatchError('the SenML pack holds no measurement');
  return entries;
}
