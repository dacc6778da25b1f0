/** What looks whether a promise is kept, and what it is given to look at. */
import type { House } from '../../house.ts';
import type { PromiseId } from '../promises.ts';

export interface Finding {
  readonly isKept: boolean;
  /** What was seen, with its figures. */
  readonly evidence: string;
}

export interface ProveContext {
  readonly house: House;
  /** Asks the hub's own web server as nobody, as a neighbour's browser would. */
  readonly ask: (
    method: 'GET' | 'POST',
    path: string,
  ) => Promise<{ readonly status: number; readonly cookies: number; readonly body: string }>;
  /** Address that the web server listens on. */
  readonly address: string;
  /** Every route of the API with its rule, and whether it asks the second secret again; undefined for one without. */
  readonly routes: readonly { readonly route: string; readonly access: string | undefined; readonly again: string | undefined }[];
}

export type Check = (context: ProveContext) => Finding | Promise<Finding>;
export type Checks = Partial<Record<PromiseId, Check>>;
