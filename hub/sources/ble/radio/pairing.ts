/**
 * Pairing of a link under noble, which speaks LE legacy pairing without a code ("Just Works") when a device refuses an unencrypted question,
 * and then forgets the key that both agreed on. Here the key is kept for the next connection, which is encrypted before anything is asked.
 *
 * What noble cannot: codes to be typed or compared, and LE Secure Connections; a device that insists on them ends the pairing with a reason
 * (Bluetooth Core 5.4, Vol 3 Part H, 3.5.5), which is told.
 */
import type { AclStream, Noble, NoblePeripheral } from '@abandonware/noble';
import type { Bond, RadioSaid } from './lines.ts';

const SMP_CHANNEL = 6;
const PAIRING_FAILED = 5;
const IDENTITY_INFORMATION = 8;
/**
 * Pairing Request (3.5.1): no display and no keys, no data beside the air, bonding without a code, keys of 16 bytes, none of ours, and of the
 * device its long-term key and its identity, which noble does not ask for.
 */
const REQUEST = [0x01, 0x03, 0x00, 0x01, 0x10, 0x00, 0x03];
const REASONS: Readonly<Record<number, string>> = {
  1: 'it wants a code to be typed',
  3: 'it insists on a kind of pairing that this hub does not speak (a code, or LE Secure Connections)',
  4: 'the keys of both sides differ',
  5: 'it does not pair now: put it into its pairing mode',
  6: 'it insists on a shorter key',
  9: 'it was asked too often: wait a minute',
};

/** Tells of the pairing of a link while it lasts. */
export function watchPairing(noble: Noble, peripheral: NoblePeripheral, link: number, say: (said: RadioSaid) => void): void {
  const stream = streamOf(noble, peripheral);
  let ltk = '';
  stream._smp.sendPairingRequest = function sendPairingRequest(): void {
    this._preq = Buffer.from(REQUEST);
    this.write(this._preq);
  };
  stream._smp.on('ltk', (key) => {
    ltk = key.toString('hex');
  });
  stream._smp.on('masterIdent', (ediv, rand) => {
    if (ltk !== '') say({ say: 'bonded', link, bond: { ltk, ediv: ediv.toString('hex'), rand: rand.toString('hex') } });
  });
  stream.on('data', (channel, data) => {
    if (channel !== SMP_CHANNEL || data === undefined) return;
    // On the air least significant first (3.6.4).
    if (data[0] === IDENTITY_INFORMATION && data.length === 17)
      say({ say: 'identity', link, irk: Buffer.from(data.subarray(1)).reverse().toString('hex') });
    if (data[0] !== PAIRING_FAILED) return;
    say({ say: 'unpaired', link, reason: REASONS[data[1] ?? 0] ?? `reason ${data[1]}` });
    // What was asked before hangs on an answer that never comes.
    peripheral.disconnectAsync().catch(() => undefined);
  });
}

/** Encrypts a link by the key of an earlier pairing. Resolves with false when the device does not know it any more. */
export function encryptBy(noble: Noble, peripheral: NoblePeripheral, { ltk, ediv, rand }: Bond): Promise<boolean> {
  const bindings = noble._bindings;
  const handle = bindings._handles[peripheral.id]!;
  const stream = streamOf(noble, peripheral);
  const gatt = bindings._gatts[handle]!;
  // The library takes an encryption for the answer to a question that was refused, and there was none.
  stream.removeListener('encrypt', gatt.onAclStreamEncryptBinded);
  return new Promise((resolve) => {
    stream.once('encrypt', (encrypted) => {
      stream.addListener('encrypt', gatt.onAclStreamEncryptBinded);
      if (encrypted !== 0) gatt._security = 'medium';
      resolve(encrypted !== 0);
    });
    const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
    bindings._hci.startLeEncryption(handle, bytes(rand), bytes(ediv), bytes(ltk));
  });
}

function streamOf(noble: Noble, peripheral: NoblePeripheral): AclStream {
  const stream = noble._bindings._aclStreams[noble._bindings._handles[peripheral.id] ?? -1];
  if (stream === undefined) throw new Error('the link is over');
  return stream;
}
