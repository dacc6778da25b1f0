/** What a vault holds that did not fit, in words: kept all the same, and shown so that a person can look into it. */
import { type Category, isPlausible, quantities } from '../../firmware/protocol/quantities.ts';
import type { Vault } from '../store/vault.ts';

/** The newest say enough: a device that contradicts itself does so each time. */
const MOST_CONFLICTS = 50;

export interface Oddities {
  /** A device gave one of its measurements a second value: the first one counts, both are kept. */
  readonly conflicts: {
    readonly subject: string;
    readonly seq: number;
    readonly at: string;
    readonly device: string;
    readonly label: string;
    readonly category: Category;
    readonly unit: string;
    readonly end: string;
    /** null: no number. */
    readonly kept: number | null;
    readonly other: number | null;
  }[];
  /** Of a quantity that a newer device measures: kept as it came, until an update of the hub knows it. */
  readonly unknown: {
    readonly subject: string;
    readonly device: string;
    readonly code: number;
    readonly value: number | null;
    readonly end: string;
  }[];
  /** Newest values that are no number, beyond what can be, or of a time that cannot be. */
  readonly doubted: {
    readonly subject: string;
    readonly device: string;
    readonly label: string;
    readonly category: Category;
    readonly end: string;
    readonly why: string;
  }[];
}

const nullable = (value: number): number | null => (Number.isFinite(value) ? value : null);
const iso = (ms: number): string => new Date(ms).toISOString();

export function odditiesOf(vaults: readonly Vault[]): Oddities {
  return {
    conflicts: vaults.flatMap((vault) =>
      vault
        .ofKind('conflict')
        .slice(-MOST_CONFLICTS)
        .reverse()
        .flatMap((entry) => {
          const first = entry.kind === 'conflict' ? vault.at(entry.of) : undefined;
          if (entry.kind !== 'conflict' || first === undefined) return [];
          const { label, unit, category } = quantities[first.quantity];
          const { subject } = vault;
          return {
            subject,
            seq: entry.of,
            at: iso(entry.atMs),
            device: first.device,
            label,
            category,
            unit,
            end: iso(first.end),
            kept: nullable(first.value),
            other: entry.value,
          };
        }),
    ),
    unknown: vaults.flatMap((vault) =>
      vault
        .unknown()
        .map(({ device, code, value, endMs }) => ({ subject: vault.subject, device, code, value: nullable(value), end: iso(endMs) })),
    ),
    doubted: vaults.flatMap((vault) =>
      vault.latest().flatMap(({ device, quantity, value, end, timeDoubt }) => {
        const why = [
          ...(Number.isFinite(value) ? [] : ['the value is no number']),
          ...(Number.isFinite(value) && !isPlausible(quantity, value)
            ? ['the value is beyond what can be, and is left out of charts']
            : []),
          ...(timeDoubt === 'none'
            ? []
            : [`its device said a time ${timeDoubt === 'future' ? 'to come' : 'long past'}: it is dated by its arrival`]),
        ].join('; ');
        return why === ''
          ? []
          : [
              {
                subject: vault.subject,
                device,
                label: quantities[quantity].label,
                category: quantities[quantity].category,
                end: iso(end),
                why,
              },
            ];
      }),
    ),
  };
}
