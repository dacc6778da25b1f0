/** The pages of a person's rights over their data, as rows of the table of views. */
import { html } from 'lit';
import type { View } from './views.ts';

const household = ['owner', 'member'] as const;
const everybody = [...household, 'guest', 'waiting'] as const;

export const rightsViews: readonly View[] = [
  {
    at: '#/you/values',
    title: 'Your values',
    listed: 'you',
    hint: 'Change, add or take out any of them, and see what they were',
    standings: household,
    load: () => import('./views/values-view.ts'),
    show: (session) => html`<values-view .session=${session}></values-view>`,
  },
  {
    at: '#/you/archive',
    title: 'Take your data along',
    listed: 'you',
    hint: 'Everything in one file, and the way back in',
    standings: household,
    load: () => import('./views/archive-view.ts'),
    show: () => html`<archive-view></archive-view>`,
  },
  {
    at: '#/you/shares',
    title: 'What I share',
    listed: 'you',
    hint: 'With whom, what, since when; stop any of it at once',
    standings: household,
    load: () => import('./views/shares-view.ts'),
    show: (session) => html`<shares-view .session=${session}></shares-view>`,
  },
  {
    at: '#/link',
    title: 'A partner asks',
    listed: 'nowhere',
    hint: 'What a partner may read, and what its policy may mean',
    standings: household,
    load: () => import('./views/link-view.ts'),
    show: (_session, rest) => html`<link-view .uid=${rest}></link-view>`,
  },
  {
    at: '#/you/partners',
    title: 'Partners',
    listed: 'you',
    hint: 'Programs outside the hub that may ask for a link',
    standings: household,
    load: () => import('./views/partners-view.ts'),
    show: (session) => html`<partners-view .session=${session}></partners-view>`,
  },
  {
    at: '#/you/purposes',
    title: 'What it is used for',
    listed: 'you',
    hint: 'Each purpose by itself, and what stops when you object',
    standings: household,
    load: () => import('./views/purposes-view.ts'),
    show: (session) => html`<purposes-view .session=${session}></purposes-view>`,
  },
  {
    at: '#/you/retention',
    title: 'How long it is kept',
    listed: 'you',
    hint: 'Each kind by itself, and what was let go',
    standings: household,
    load: () => import('./views/retention-view.ts'),
    show: (session) => html`<retention-view .session=${session}></retention-view>`,
  },
  {
    at: '#/you/policy',
    title: 'The household’s policy',
    listed: 'you',
    hint: 'What this home does with data, and what changed',
    standings: everybody,
    load: () => import('./views/policy-view.ts'),
    show: (session) => html`<policy-view .session=${session}></policy-view>`,
  },
  {
    at: '#/you/messages',
    title: 'Messages',
    listed: 'you',
    hint: 'What the hub may tell you unasked: each kind off until you switch it on',
    standings: everybody,
    load: () => import('./views/messages-view.ts'),
    show: () => html`<messages-view></messages-view>`,
  },
  {
    at: '#/you/forget',
    title: 'Delete everything about me',
    listed: 'you',
    hint: 'Your account and all that is kept of you, for ever',
    standings: household,
    load: () => import('./views/forget-view.ts'),
    show: (session) => html`<forget-view .session=${session}></forget-view>`,
  },
];
