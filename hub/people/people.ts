/** The people of this hub and all that is about them but their measurements. */
import { fileURLToPath } from 'node:url';
import type { Store } from '../store/store.ts';
import { openWakeUpSettings, type WakeUpSettings } from '../wake-up/wake-up.ts';
import { type Accounts, openAccounts } from './accounts.ts';
import { type Attribution, openAttribution } from './attribution/attribution.ts';
import { type Challenges, openChallenges } from './challenges.ts';
import { type Choices, openChoices } from './choices.ts';
import { type Guardians, openGuardians } from './guardians.ts';
import { openHousehold } from './household.ts';
import { type Identities, openIdentities } from './identity.ts';
import { type Invitations, openInvitations } from './invitations.ts';
import { type LiveSoundConsents, openLiveSound } from './live-sound.ts';
import { type Objections, openObjections } from './objections.ts';
import { type OperationsLog, openOperationsLog } from './operations-log.ts';
import { openPapers, type Papers } from './papers.ts';
import { openPartners, type Partners } from './partners.ts';
import { createPasswords, type PasswordCost, RECOMMENDED_COST } from './passwords.ts';
import { openPolicy, type Policy } from './policy.ts';
import { type HubKey, openHubKey } from './receipts.ts';
import { openRecords, type Records } from './records.ts';
import { openSecondSecrets, type SecondSecrets } from './second-secret.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { openShares, type Shares } from './shares.ts';
import { openViewGrants, type ViewGrants } from './view-grants.ts';
import { openViewSessions, type ViewSessions } from './view-sessions.ts';

export interface People extends Disposable {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly invitations: Invitations;
  readonly secrets: SecondSecrets;
  readonly identities: Identities;
  readonly guardians: Guardians;
  readonly operations: OperationsLog;
  readonly attribution: Attribution;
  readonly objections: Objections;
  readonly shares: Shares;
  readonly wakeUps: WakeUpSettings;
  readonly choices: Choices;
  readonly records: Records;
  readonly papers: Papers;
  readonly viewGrants: ViewGrants;
  readonly viewSessions: ViewSessions;
  readonly policy: Policy;
  readonly liveSound: LiveSoundConsents;
  readonly partners: Partners;
  readonly challenges: Challenges;
  readonly key: HubKey;
  /** IANA name of the home's time zone: what day it is decides ages. */
  readonly zone: string;
}

export interface PeopleOptions {
  /** The hub's data folder. */
  readonly data: string;
  readonly zone: string;
  readonly now: () => number;
  readonly store: Store;
  readonly passwordCost?: PasswordCost;
  /** The policy's text, where it is not the one that comes with the hub. */
  readonly policyFile?: string;
}

const OWN_POLICY = fileURLToPath(new URL('policy.md', import.meta.url));

/** Opens what the hub knows of its people. Throws StoreError. */
export function openPeople({ data, store, zone, now, passwordCost = RECOMMENDED_COST, policyFile = OWN_POLICY }: PeopleOptions): People {
  const passwords = createPasswords(passwordCost);
  const household = openHousehold(data);
  const key = openHubKey(`${data}/keys`);
  const accounts = openAccounts(household, passwords, `${data}/accounts.json`);
  const identities = openIdentities(data);
  const operations = openOperationsLog(household, data, key, now);
  const choices = openChoices(household);
  const records = openRecords(household);
  const policy = openPolicy({ file: policyFile, ownFile: `${data}/policy.md`, accounts, choices, records, operations, now });
  const objections = openObjections(household, policy.isWaiting);
  return {
    accounts,
    objections,
    shares: openShares(household),
    wakeUps: openWakeUpSettings(household),
    viewGrants: openViewGrants(household, zone),
    viewSessions: openViewSessions(household),
    choices,
    records,
    papers: openPapers(`${data}/papers`),
    policy,
    liveSound: openLiveSound(accounts, choices, policy),
    partners: openPartners(household),
    challenges: openChallenges(household),
    identities,
    operations,
    key,
    zone,
    attribution: openAttribution({ mayMake: objections.mayMake, household, store, accounts, operations, now }),
    sessions: openSessions(household),
    invitations: openInvitations(household),
    secrets: openSecondSecrets(household, passwords),
    guardians: openGuardians({ household, accounts, identities, operations, key, zone }),
    [Symbol.dispose]() {
      if (household.open) household.close();
    },
  };
}
