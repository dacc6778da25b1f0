/** What a partner brings into a vault (B11): under its own link, of the days and kinds of that link, named as coming from it, removable as a whole. */
import { isPlausible, isQuantityId, type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { Link } from '../../people/partners.ts';
import type { NewMeasurement, Vault } from '../../store/vault.ts';
import { type AmendContext, takeOut } from '../amend.ts';
import { deviceName, foreignRow, inOwnUnit, isSensibleTime } from '../import/foreign.ts';

export interface Brought {
  readonly quantity: string;
  readonly value: number;
  /** UCUM; that of the quantity unless said. */
  readonly unit?: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
}

/** `scope`: not of this link; `value`: not one of its quantity or of a time. */
export class BroughtError extends Error {
  override readonly name = 'BroughtError';
  readonly kind: 'scope' | 'value';

  constructor(kind: BroughtError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The device of all that came over a link: its partner by name, and the link. */
export const deviceOf = ({ id, partnerName }: Pick<Link, 'id' | 'partnerName'>): string => deviceName('partner', `${partnerName} ${id}`);

/** Throws BroughtError that names the row. The same value sent again is the same row. */
export function rowOf(link: Link, brought: Brought, position: number, nowMs: number): NewMeasurement {
  const refuse = (kind: BroughtError['kind'], why: string): never => {
    throw new BroughtError(kind, `measurement ${position + 1} ${why}`);
  };
  const { quantity, value, unit, startMs, endMs } = brought;
  const id: QuantityId = isQuantityId(quantity) ? quantity : refuse('value', `is of '${quantity.slice(0, 60)}', which is no quantity`);
  const { category, label, min, max, unit: own } = quantities[id];
  if (!link.categories.includes(category))
    refuse('scope', `is of the kind ${category}, and this link is for ${link.categories.join(', ')}`);
  const inOwn =
    (unit === undefined || unit === own ? value : inOwnUnit(id, value, unit)) ??
    refuse('value', `is in '${unit}', and ${label} is in ${own}`);
  if (!isPlausible(id, inOwn)) refuse('value', `is ${inOwn}, and ${label} is between ${min} and ${max} ${own}`);
  if (!isSensibleTime(startMs, nowMs) || !isSensibleTime(endMs, nowMs) || endMs < startMs)
    refuse('value', 'is of a time at which nothing was measured');
  if (endMs < (link.fromMs ?? endMs) || endMs >= (link.toMs ?? Number.POSITIVE_INFINITY))
    refuse('scope', 'is of a day that this link is not for');
  return foreignRow(deviceOf(link), id, inOwn, startMs, endMs, null);
}

/** Rows taken out in one commit; a vault holds years of a partner's minutes. */
const BATCH = 500;

/** Takes out all that came over a link, with what was computed from it. Resolves with how many values of the partner's there were. */
export async function takeOutAll(context: AmendContext & { readonly vault: Vault }, link: Link): Promise<number> {
  const seqs = [...context.vault.range({ device: deviceOf(link) })].map(({ seq }) => seq);
  for (let from = 0; from < seqs.length; from += BATCH) await takeOut(context, seqs.slice(from, from + BATCH));
  return seqs.length;
}
