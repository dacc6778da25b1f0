/**
 * Which corrections hold: those that `hearth.yaml` names, and those that the household sets on the page, kept in a file beside it. A change holds
 * for what comes from then on and is in the home's log; what was kept before stays as it was.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fits } from '../../firmware/schema/check.ts';
import { writeFileAtomic } from '../ops/files.ts';
import type { Store } from '../store/store.ts';
import { CorrectionList, type CorrectionSetting, type Corrections, noteCorrections, openCorrections, wordsOf } from './corrections.ts';

export class CorrectionError extends Error {
  override readonly name = 'CorrectionError';
}

export interface CorrectionInUse {
  readonly setting: CorrectionSetting;
  readonly words: string;
  /** `file`: named in `hearth.yaml`, to be changed there. */
  readonly origin: 'file' | 'page';
}

export interface CorrectionBook extends Corrections {
  inUse(): CorrectionInUse[];
  /** Throws CorrectionError where `hearth.yaml` names another. */
  set(setting: CorrectionSetting, by: string): Promise<void>;
  /** False when there was none. Throws CorrectionError where `hearth.yaml` names it. */
  remove(device: string, quantity: CorrectionSetting['quantity'], by: string): Promise<boolean>;
}

export interface CorrectionBookOptions {
  readonly file: string;
  /** Those of `hearth.yaml`. */
  readonly fixed: readonly CorrectionSetting[];
  readonly store: Store;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly failed: (message: string) => void;
}

/** As many as a file may name. */
const MOST = 100;

const isOf = (device: string, quantity: string) => (one: CorrectionSetting) => one.device === device && one.quantity === quantity;

export async function openCorrectionBook({ file, fixed, store, now, failed }: CorrectionBookOptions): Promise<CorrectionBook> {
  let own = load(file, failed).filter(({ device, quantity }) => !fixed.some(isOf(device, quantity)));
  const all = (): readonly CorrectionSetting[] => [...fixed, ...own];
  const corrections = openCorrections(all(), now);
  await noteCorrections(store, all()).catch((error: unknown) => failed(`corrections could not be noted: ${error}`));

  const mayChange = (device: string, quantity: string): void => {
    if (fixed.some(isOf(device, quantity)))
      throw new CorrectionError(`${quantity} of ${device} is corrected by hearth.yaml: change it there, and start the hub again`);
  };
  /** On disk first: what holds now must hold after a power cut. */
  const change = async (next: readonly CorrectionSetting[], by: string): Promise<void> => {
    writeFileAtomic(file, JSON.stringify(next, null, 1));
    own = [...next];
    corrections.use(all());
    await noteCorrections(store, all(), by);
  };
  return {
    ...corrections,
    inUse: () => all().map((setting) => ({ setting, words: wordsOf(setting), origin: fixed.includes(setting) ? 'file' : 'page' })),
    async set(setting, by) {
      mayChange(setting.device, setting.quantity);
      const others = own.filter((one) => !isOf(setting.device, setting.quantity)(one));
      if (all().length >= MOST && others.length === own.length)
        throw new CorrectionError(`${MOST} corrections are as many as are kept: take one away first`);
      await change([...others, setting], by);
    },
    async remove(device, quantity, by) {
      mayChange(device, quantity);
      const others = own.filter((one) => !isOf(device, quantity)(one));
      if (others.length === own.length) return false;
      await change(others, by);
      return true;
    },
  };
}

/** A file that cannot be read is said, and begun anew with the next change. */
function load(file: string, failed: (message: string) => void): CorrectionSetting[] {
  if (!existsSync(file)) return [];
  try {
    const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (fits(CorrectionList, list)) return list;
    failed(`${file} is no list of corrections: those set on the page do not hold, set them again`);
  } catch (error) {
    failed(`${file} cannot be read, so corrections set on the page do not hold: ${error instanceof Error ? error.message : error}`);
  }
  return [];
}
