/** The pages beside the home, by the fragment of their address. To add one, add a row and its element. */
import { html, type TemplateResult } from 'lit';
import { rightsViews } from './rights-views.ts';
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

const household = ['owner', 'member'] as const;
const everybody = [...household, 'guest', 'waiting'] as const;

export const views: readonly View[] = [
  {
    at: '#/inbox',
    title: 'Whose is it?',
    listed: 'top',
    hint: 'Readings that wait for a person',
    standings: household,
    load: () => import('./views/inbox-view.ts'),
    show: (session) => html`<inbox-view .session=${session}></inbox-view>`,
  },
  {
    at: '#/camera',
    title: 'Camera',
    listed: 'top',
    hint: 'Clips of what moved, and who watched',
    standings: household,
    load: () => import('./views/camera-view.ts'),
    show: () => html`<camera-view></camera-view>`,
  },
  {
    at: '#/people',
    title: 'People',
    listed: 'top',
    hint: 'Who is here, and inviting somebody',
    standings: household,
    load: () => import('./views/people-view.ts'),
    show: (session) => html`<people-view .session=${session}></people-view>`,
  },
  {
    at: '#/targets',
    title: 'Where it goes',
    listed: 'you',
    hint: 'Targets outside this hub, and what each may have of you',
    standings: household,
    load: () => import('./views/targets-view.ts'),
    show: (session) => html`<targets-view .session=${session}></targets-view>`,
  },
  {
    at: '#/you/profile',
    title: 'Your profile',
    listed: 'you',
    group: 'data',
    hint: 'Name, birth date, height: each optional',
    standings: household,
    load: () => import('./views/profile-view.ts'),
    show: (session) => html`<profile-view .session=${session}></profile-view>`,
  },
  {
    at: '#/you/readings',
    title: 'Why these readings are mine',
    listed: 'you',
    group: 'data',
    hint: 'What a shared scale gave you, and handing on what is not yours',
    standings: household,
    load: () => import('./views/readings-view.ts'),
    show: (session) => html`<readings-view .session=${session}></readings-view>`,
  },
  {
    at: '#/you/wake-up',
    title: 'Smart Wake-up',
    listed: 'you',
    hint: 'In light sleep before a set time, at that time at the latest',
    standings: household,
    load: () => import('./views/wake-up-view.ts'),
    show: () => html`<wake-up-view></wake-up-view>`,
  },
  {
    at: '#/device',
    title: 'A device',
    listed: 'nowhere',
    hint: 'How it measures, what it gives, and how that is corrected',
    standings: household,
    load: () => import('./views/device-view.ts'),
    show: (_session, rest) => html`<device-view .device=${rest}></device-view>`,
  },
  {
    at: '#/calibrate',
    title: 'Calibrate a load cell',
    listed: 'nowhere',
    hint: 'Masses laid on, how far each is off, and what a weight is uncertain by',
    standings: household,
    load: () => import('./views/calibrate-view.ts'),
    show: (session, rest) => html`<calibrate-view .session=${session} .device=${rest}></calibrate-view>`,
  },
  {
    at: '#/ward',
    title: 'As their guardian',
    listed: 'nowhere',
    hint: 'What is kept of somebody whose guardian you are',
    standings: household,
    load: () => import('./views/ward-view.ts'),
    show: (_session, rest) => html`<ward-view .ward=${rest}></ward-view>`,
  },
  ...rightsViews,
  {
    at: '#/you/log',
    title: 'What happened with my data',
    listed: 'you',
    group: 'safety',
    hint: 'Who read, changed or took what, and when',
    standings: everybody,
    load: () => import('./views/log-view.ts'),
    show: () => html`<log-view></log-view>`,
  },
  {
    at: '#/you/oddities',
    title: 'What did not fit',
    listed: 'you',
    group: 'data',
    hint: 'Two values for one measurement, quantities not known yet, times that cannot be',
    standings: everybody,
    load: () => import('./views/oddities-view.ts'),
    show: () => html`<oddities-view></oddities-view>`,
  },
  {
    at: '#/you/second-secret',
    title: 'Second secret',
    listed: 'you',
    group: 'safety',
    hint: 'A PIN, an authenticator app or your fingerprint, asked again for what matters',
    standings: everybody,
    load: () => import('./views/second-secret-view.ts'),
    show: () => html`<second-secret-view></second-secret-view>`,
  },
  {
    at: '#/you/devices',
    title: 'Where you are signed in',
    listed: 'you',
    group: 'safety',
    hint: 'Your devices, your password and the hub’s one cookie',
    standings: everybody,
    load: () => import('./views/sessions-view.ts'),
    show: () => html`<sessions-view></sessions-view>`,
  },
  {
    at: '#/you/collected',
    title: 'What is collected where',
    listed: 'you',
    group: 'safety',
    hint: 'Six ways in, five kinds of data',
    standings: everybody,
    load: () => import('./views/collection-view.ts'),
    show: () => html`<collection-view></collection-view>`,
  },
  {
    at: '#/you',
    title: 'You',
    listed: 'top',
    hint: 'Your profile, your secrets, your data',
    standings: everybody,
    load: () => import('./views/you-view.ts'),
    show: (session) => html`<you-view .session=${session}></you-view>`,
  },
];

/** The view at a fragment that this person may see; undefined for the home. */
export function viewAt(fragment: string, { standing }: Session): { view: View; rest: string } | undefined {
  const view = views.find(({ at }) => fragment === at || fragment.startsWith(`${at}/`));
  if (view === undefined || standing === undefined || !view.standings.some((one) => one === standing)) return undefined;
  return { view, rest: decodeURIComponent(fragment.slice(view.at.length + 1)) };
}
