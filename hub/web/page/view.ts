/** What a page beside the home is: a row of the table of views. */
import type { TemplateResult } from 'lit';
import type { Session } from './shapes.ts';

export interface View {
  /** `#/people`; what follows a further slash is handed on. */
  readonly at: string;
  readonly title: string;
  /** Where its link stands: in the top bar, on the page `You`, or nowhere. */
  readonly listed: 'top' | 'you' | 'nowhere';
  /** Heading under which the page `You` lists it; without one, under what one may do. */
  readonly group?: 'data' | 'safety';
  /** What the link says about it. */
  readonly hint: string;
  /** Who sees it. */
  readonly standings: readonly NonNullable<Session['standing']>[];
  /** Loads the element's module, once it is wanted. */
  readonly load: () => Promise<unknown>;
  readonly show: (session: Session, rest: string) => TemplateResult;
}

export const household = ['owner', 'member'] as const;
export const everybody = [...household, 'guest', 'waiting'] as const;
