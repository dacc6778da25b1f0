/**
 * Everything that can happen with a person's data, as rows: what the operations log calls it, how a person reads it, and who may.
 * The list of actions that collect (alarm, share, steps, questionnaire, field, installing and syncing a product) is among them.
 */

export interface OperationRow {
  /** What a person reads. */
  readonly words: string;
  /**
   * `person`: only whom it is about and who did it; `household`: also who runs the hub, since it is about the hub itself. Nobody reads
   * another's sign-ins, exports or shares.
   */
  readonly seenBy: 'person' | 'household';
}

export const operations = {
  'hub-claimed': { words: 'The hub was claimed', seenBy: 'household' },
  'account-made': { words: 'An account was made', seenBy: 'household' },
  'account-removed': { words: 'An account was removed', seenBy: 'household' },
  'invitation-made': { words: 'Somebody was invited', seenBy: 'household' },
  'invitation-withdrawn': { words: 'An invitation was withdrawn', seenBy: 'household' },
  'camera-granted': { words: 'A guest may watch the camera', seenBy: 'household' },
  'camera-withdrawn': { words: 'A guest may no longer watch the camera', seenBy: 'household' },
  'camera-off': { words: 'The camera was switched off', seenBy: 'household' },
  'camera-on': { words: 'The camera was switched on', seenBy: 'household' },
  'microphone-on': { words: 'The microphone was switched on', seenBy: 'household' },
  'microphone-off': { words: 'The microphone was switched off', seenBy: 'household' },
  'live-sound-agreed': { words: 'Somebody agreed that who watches the camera hears the room', seenBy: 'household' },
  'live-sound-withdrawn': { words: 'Somebody no longer agrees that who watches the camera hears the room', seenBy: 'household' },
  'camera-watched': { words: 'Somebody watched the camera', seenBy: 'household' },
  'region-refused': { words: 'Data was kept from a place outside its region', seenBy: 'household' },
  'target-changed': { words: 'A target of sync was added, changed or taken away', seenBy: 'household' },
  'target-allowed': { words: 'A target of sync was allowed data', seenBy: 'person' },
  'target-withdrawn': { words: 'A target of sync was allowed no more', seenBy: 'person' },
  'clips-on': { words: 'Clips are recorded when something moves', seenBy: 'household' },
  'clips-off': { words: 'No more clips are recorded', seenBy: 'household' },
  'clip-watched': { words: 'Somebody watched clips', seenBy: 'household' },
  'clip-taken': { words: 'Somebody took clips along', seenBy: 'household' },
  'clip-removed': { words: 'A clip was deleted', seenBy: 'household' },
  admin: { words: 'The hub’s settings were changed', seenBy: 'household' },
  'remote-refused': { words: 'Access from outside the home was refused', seenBy: 'household' },
  'remote-access': { words: 'Somebody used the hub from outside the home', seenBy: 'household' },
  'collection-refused': { words: 'Data that must not be collected here was refused', seenBy: 'household' },
  'under-age-refused': { words: 'An account was refused: too young', seenBy: 'household' },
  'sign-in': { words: 'Signed in', seenBy: 'person' },
  'sign-in-refused': { words: 'A wrong password was tried', seenBy: 'person' },
  'sign-out': { words: 'Signed out', seenBy: 'person' },
  'session-ended': { words: 'A device was signed out', seenBy: 'person' },
  'password-changed': { words: 'The password was changed', seenBy: 'person' },
  'secret-set': { words: 'A second secret was set', seenBy: 'person' },
  'secret-removed': { words: 'A second secret was removed', seenBy: 'person' },
  'secret-refused': { words: 'A wrong second secret was tried', seenBy: 'person' },
  'vault-locked': { words: 'A lock was put on the vault', seenBy: 'person' },
  'vault-unlocked': { words: 'The vault was unlocked', seenBy: 'person' },
  'vault-closed': { words: 'The vault was locked again', seenBy: 'person' },
  'vault-lock-removed': { words: 'The lock was taken off the vault', seenBy: 'person' },
  'profile-changed': { words: 'The profile was changed', seenBy: 'person' },
  read: { words: 'Somebody else looked at your data', seenBy: 'person' },
  share: { words: 'Data was shared', seenBy: 'person' },
  'share-ended': { words: 'A share was stopped', seenBy: 'person' },
  copies: { words: 'Copies by schedule were set up or ended', seenBy: 'person' },
  export: { words: 'A copy was taken', seenBy: 'person' },
  amend: { words: 'A value was changed', seenBy: 'person' },
  retention: { words: 'How long data is kept was changed', seenBy: 'person' },
  purged: { words: 'Data whose time was over was let go', seenBy: 'person' },
  erase: { words: 'Data was erased', seenBy: 'person' },
  objection: { words: 'A purpose was stopped', seenBy: 'person' },
  'disclosure-recorded': { words: 'A disclosure to an authority was written down', seenBy: 'household' },
  disclosure: { words: 'Data was disclosed to an authority', seenBy: 'person' },
  'consent-given': { words: 'A guardian consented', seenBy: 'person' },
  'consent-withdrawn': { words: 'A guardian withdrew consent', seenBy: 'person' },
  'hand-over': { words: 'Of age: the guardian’s access ended', seenBy: 'person' },
  paired: { words: 'A product was given to a person', seenBy: 'person' },
  'pairing-ended': { words: 'A product was taken from a person', seenBy: 'person' },
  attributed: { words: 'A waiting reading was assigned', seenBy: 'person' },
  moved: { words: 'Readings were moved between people', seenBy: 'person' },
  'reading-dropped': { words: 'A waiting reading was thrown away', seenBy: 'household' },
  alarm: { words: 'An alarm was set', seenBy: 'person' },
  questionnaire: { words: 'A questionnaire was answered', seenBy: 'person' },
  field: { words: 'A value was entered by hand', seenBy: 'person' },
  'challenge-joined': { words: 'Took part in a challenge', seenBy: 'person' },
  'challenge-left': { words: 'A challenge was left or ended', seenBy: 'person' },
  'partner-added': { words: 'A partner may ask people for a link', seenBy: 'household' },
  'partner-removed': { words: 'A partner may no longer ask for links', seenBy: 'household' },
  'partner-import': { words: 'Data came in from a partner', seenBy: 'person' },
  support: { words: 'A support bundle was made', seenBy: 'person' },
  'support-ended': { words: 'A support bundle came to its end', seenBy: 'person' },
  'study-joined': { words: 'A study was joined or left', seenBy: 'person' },
  'statistic-made': { words: 'A number for a study was made, and waits to be looked at', seenBy: 'person' },
  'statistic-sent': { words: 'A number for a study left, with noise', seenBy: 'person' },
  policy: { words: 'The household’s policy changed', seenBy: 'household' },
  'policy-read': { words: 'The policy was read, and what is new in it was answered', seenBy: 'person' },
  message: { words: 'A kind of message was switched', seenBy: 'person' },
} as const satisfies Record<string, OperationRow>;

export type OperationKind = keyof typeof operations;
