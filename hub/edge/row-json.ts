import { isPlausible, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import type { EdgeRow } from './storage/storage.ts';

/** A row as the edge's API says it, in the words of the hub's own API. A quantity that this edge does not know yet is `code:N`. */
export function rowJson({ seq, device, boot, sequence, code, value, endUtcMs, spanMs, timeQuality }: EdgeRow) {
  const quantity = quantityOfCode(code);
  return {
    id: `${device}/${boot}/${sequence}`,
    seq,
    device,
    quantity: quantity?.id ?? `code:${code}`,
    value,
    unit: quantity?.unit ?? '',
    category: quantity?.category ?? 'technical',
    start: new Date(endUtcMs - spanMs).toISOString(),
    end: new Date(endUtcMs).toISOString(),
    timeQuality,
    flag: quantity !== undefined && value !== null && isPlausible(quantity.id, value) ? 'ok' : 'implausible',
  };
}
