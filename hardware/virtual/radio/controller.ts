/**
 * A Bluetooth LE controller without a radio: HCI packets in, HCI packets out, legacy advertising, scanning and links over a virtual air.
 * What it does not know it refuses as real controllers do (unknown command), so a host that needs more says so.
 */
import type { Air, AirAdvert, Listener } from './air.ts';
import { ADVERT, addressBytes, COMMAND, ERROR, EVENT, LE_EVENT, PACKET } from './hci.ts';

/** ACL data of one packet, and packets under way: what a common dongle has. */
const ACL_BYTES = 251;
const ACL_PACKETS = 8;
/** Shortest advertising interval (7.8.5). */
const LEAST_INTERVAL_MS = 20;
/** Connection interval, in 1.25 ms, and supervision time-out, in 10 ms, that every link gets. */
const INTERVAL = 24;
const SUPERVISION = 200;

interface ControllerLink {
  readonly peer: VirtualController;
  peerHandle: number;
}

export interface VirtualController extends Listener, Disposable {
  readonly address: Uint8Array;
  /** A packet from the host, with its type byte first. */
  receive(packet: Uint8Array): void;
  /** Every link is lost, as when the peer walks out of range. */
  loseLinks(): void;
  /** Hears nothing any more while it goes on answering commands: how radios go deaf. A reset does not mend it unless told so. */
  goDeaf(until: 'scan restart' | 'reset' | 'power cycle'): void;
  /** Answers nothing any more, until it is powered again. */
  hang(): void;
  /** Off and on again: everything forgotten. */
  powerCycle(): void;
  /** How often a long-term key was given to it: once for each pairing. */
  keysGiven(): number;
  /** As after a change of batteries: who was paired is a stranger. */
  forgetKeys(): void;
  /** For the controller at the other end of a link. */
  readonly far: {
    accept(peer: VirtualController, peerHandle: number): { handle: number; peer: VirtualController } | undefined;
    deliver(handle: number, acl: Uint8Array): void;
    drop(handle: number, reason: number): void;
    /** Says whether the key is the one that it, or its host, has for that peer; the link is encrypted then. `named`: the numbers that name the key. */
    encrypt(handle: number, key: Uint8Array, named: Uint8Array, then: (isTheirs: boolean) => void): void;
    isAt(address: Uint8Array): boolean;
  };
}

export interface ControllerOptions {
  readonly air: Air;
  readonly address: string;
  /** Packets to the host, with their type byte first. */
  readonly send: (packet: Uint8Array) => void;
  /** Every controller on this air, to find the peer of a link. */
  readonly peers: Set<VirtualController>;
  readonly rssi?: number;
}

export function createController({ air, address: text, send, peers, rssi = -55 }: ControllerOptions): VirtualController {
  const address = addressBytes(text);
  const links = new Map<number, ControllerLink>();
  const seen = new Set<string>();
  const keys = new Map<string, string>();
  /** Links whose key the host was asked for. */
  const keyAsked = new Map<number, (key: string | undefined) => void>();
  let keysGiven = 0;
  /** Its host gives it the keys to keep, and is not asked for them. */
  let isKeeper = false;
  let randomAddress: Uint8Array = new Uint8Array(6);
  let advertising: { intervalMs: number; type: number; ownType: number } = { intervalMs: 100, type: 0, ownType: 0 };
  let advertData: Uint8Array = new Uint8Array(0);
  let scanResponse: Uint8Array = new Uint8Array(0);
  let timer: NodeJS.Timeout | undefined;
  let scan = { isOn: false, isActive: false, filters: false };
  let wanted: { addressType: number; address: Uint8Array } | undefined;
  let nextHandle = 0x40;
  let deaf: 'scan restart' | 'reset' | 'power cycle' | undefined;
  let hangs = false;

  const event = (code: number, ...bytes: readonly number[]): void => {
    if (!hangs) send(Uint8Array.of(PACKET.event, code, bytes.length, ...bytes));
  };
  const two = (value: number): [number, number] => [value & 0xff, value >> 8];
  const complete = (command: number, bytes: Iterable<number> = [], status: number = ERROR.none): void =>
    event(EVENT.commandComplete, 1, ...two(command), status, ...bytes);
  const status = (command: number, code: number = ERROR.none): void => event(EVENT.commandStatus, code, 1, ...two(command));
  const connected = (code: number, handle: number, role: number, peerType: number, peer: Uint8Array): void =>
    event(EVENT.leMeta, LE_EVENT.connected, code, ...two(handle), role, peerType, ...peer, ...two(INTERVAL), 0, 0, ...two(SUPERVISION), 0);
  const ownAddress = (): Uint8Array => (advertising.ownType === 1 ? randomAddress : address);

  const advertise = (isOn: boolean): void => {
    clearInterval(timer);
    timer = undefined;
    if (!isOn) return;
    const once = (): void => {
      const { type, ownType } = advertising;
      if (!hangs) air.send({ type, addressType: ownType, address: ownAddress(), data: advertData, rssi }, scanResponse, controller);
    };
    timer = setInterval(once, Math.max(LEAST_INTERVAL_MS, advertising.intervalMs));
    setImmediate(once);
  };
  const reset = (): void => {
    advertise(false);
    scan = { isOn: false, isActive: false, filters: false };
    wanted = undefined;
    seen.clear();
    keyAsked.clear();
    for (const [handle, { peer, peerHandle }] of [...links]) {
      links.delete(handle);
      peer.far.drop(peerHandle, ERROR.timeout);
    }
  };
  const keyTold = (handle: number, key: string | undefined): void => {
    const told = keyAsked.get(handle);
    keyAsked.delete(handle);
    told?.(key);
  };
  const drop = (handle: number, reason: number): void => {
    keyTold(handle, undefined);
    if (links.delete(handle)) event(EVENT.disconnected, ERROR.none, ...two(handle), reason);
  };
  const report = ({ type, addressType, address: from, data, rssi: heard }: AirAdvert): void =>
    event(EVENT.leMeta, LE_EVENT.advertisingReport, 1, type, addressType, ...from, data.length, ...data, heard & 0xff);
  const connect = (advert: AirAdvert): void => {
    const peer = [...peers].find((one) => one !== controller && one.far.isAt(advert.address));
    const handle = nextHandle++;
    const accepted = peer?.far.accept(controller, handle);
    if (accepted === undefined) return;
    wanted = undefined;
    links.set(handle, { peer: accepted.peer, peerHandle: accepted.handle });
    connected(ERROR.none, handle, 0, advert.addressType, advert.address);
  };

  const onCommand = (command: number, body: Uint8Array): void => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    switch (command) {
      case COMMAND.reset:
        reset();
        if (deaf === 'reset') deaf = undefined;
        return complete(command);
      case COMMAND.setEventMask:
      case COMMAND.leSetEventMask:
      case COMMAND.writeLeHostSupport:
        return complete(command);
      case COMMAND.readLeHostSupport:
        return complete(command, [1, 0]);
      case COMMAND.readVersion:
        // HCI and LMP of Bluetooth 5.0 (9), manufacturer 0xFFFF: none.
        return complete(command, [9, 0, 0, 9, 0xff, 0xff, 0, 0]);
      case COMMAND.readSupportedCommands:
        // None of the optional ones: legacy advertising and scanning only.
        return complete(command, new Uint8Array(64));
      case COMMAND.readBufferSize:
        return complete(command, [...two(ACL_BYTES), 0, ...two(ACL_PACKETS), 0, 0]);
      case COMMAND.readAddress:
        return complete(command, address);
      case COMMAND.readRssi:
        return complete(command, [body[0] ?? 0, body[1] ?? 0, rssi & 0xff]);
      case COMMAND.leReadBufferSize:
        return complete(command, [...two(ACL_BYTES), ACL_PACKETS]);
      case COMMAND.leReadFeatures:
        return complete(command, new Uint8Array(8));
      case COMMAND.leSetRandomAddress:
        randomAddress = body.slice(0, 6);
        return complete(command);
      case COMMAND.leSetAdvertisingParameters:
        advertising = { intervalMs: view.getUint16(0, true) * 0.625, type: body[4] ?? 0, ownType: body[5] ?? 0 };
        return complete(command);
      case COMMAND.leSetAdvertisingData:
        advertData = body.slice(1, 1 + (body[0] ?? 0));
        return complete(command);
      case COMMAND.leSetScanResponse:
        scanResponse = body.slice(1, 1 + (body[0] ?? 0));
        return complete(command);
      case COMMAND.leSetAdvertisingEnable:
        advertise(body[0] === 1);
        return complete(command);
      case COMMAND.leSetScanParameters:
        if (scan.isOn) return complete(command, [], ERROR.disallowed);
        scan = { ...scan, isActive: body[0] === 1 };
        return complete(command);
      case COMMAND.leSetScanEnable:
        scan = { ...scan, isOn: body[0] === 1, filters: body[1] === 1 };
        if (scan.isOn && deaf === 'scan restart') deaf = undefined;
        seen.clear();
        return complete(command);
      case COMMAND.leCreateConnection:
        if (wanted !== undefined) return status(command, ERROR.disallowed);
        wanted = { addressType: body[5] ?? 0, address: body.slice(6, 12) };
        return status(command);
      case COMMAND.leCancelConnection: {
        if (wanted === undefined) return complete(command, [], ERROR.disallowed);
        const { addressType, address: peer } = wanted;
        wanted = undefined;
        complete(command);
        return connected(ERROR.unknownConnection, 0, 0, addressType, peer);
      }
      case COMMAND.leUpdateConnection:
        status(command);
        return event(EVENT.leMeta, LE_EVENT.connectionUpdated, ERROR.none, ...body.subarray(0, 2), ...body.subarray(4, 10));
      case COMMAND.leStartEncryption: {
        const handle = view.getUint16(0, true);
        const link = links.get(handle);
        if (link === undefined) return status(command, ERROR.unknownConnection);
        status(command);
        return link.peer.far.encrypt(link.peerHandle, body.slice(12, 28), body.slice(2, 12), (isTheirs) =>
          event(EVENT.encryptionChanged, isTheirs ? ERROR.none : ERROR.keyMissing, ...two(handle), isTheirs ? 1 : 0),
        );
      }
      case COMMAND.leKeyReply:
        complete(command, body.subarray(0, 2));
        return keyTold(view.getUint16(0, true), hexOf(body.subarray(2, 18)));
      case COMMAND.leKeyNegativeReply:
        complete(command, body.subarray(0, 2));
        return keyTold(view.getUint16(0, true), undefined);
      case COMMAND.keepKey:
        isKeeper = true;
        keys.set(hexOf(body.subarray(0, 6)), hexOf(body.subarray(6, 22)));
        keysGiven++;
        return complete(command);
      case COMMAND.disconnect: {
        const handle = view.getUint16(0, true);
        const link = links.get(handle);
        if (link === undefined) return status(command, ERROR.unknownConnection);
        status(command);
        link.peer.far.drop(link.peerHandle, body[2] ?? ERROR.remoteEnded);
        return drop(handle, ERROR.localEnded);
      }
      default:
        return complete(command, [], ERROR.unknownCommand);
    }
  };

  const onAcl = (packet: Uint8Array): void => {
    const word = packet[1]! | (packet[2]! << 8);
    const handle = word & 0x0fff;
    const link = links.get(handle);
    if (link === undefined) return;
    event(EVENT.completedPackets, 1, ...two(handle), 1, 0);
    // A continuing fragment stays one; a first one is marked as coming from a controller (Vol 4 Part E, 5.4.2).
    const boundary = ((word >> 12) & 3) === 1 ? 1 : 2;
    const out = Uint8Array.from(packet);
    out[1] = link.peerHandle & 0xff;
    out[2] = (link.peerHandle >> 8) | (boundary << 4);
    link.peer.far.deliver(link.peerHandle, out);
  };

  const controller: VirtualController = {
    address,
    receive(packet) {
      if (hangs || packet.length < 4) return;
      if (packet[0] === PACKET.command) onCommand(packet[1]! | (packet[2]! << 8), packet.slice(4, 4 + packet[3]!));
      else if (packet[0] === PACKET.acl && packet.length >= 5) onAcl(packet);
    },
    hear(advert, response) {
      if (hangs || deaf !== undefined) return;
      const isWanted = wanted !== undefined && Buffer.from(advert.address).equals(wanted.address);
      if (isWanted && advert.type === ADVERT.connectable) return connect(advert);
      if (!scan.isOn) return;
      if (scan.filters) {
        const key = `${advert.type}/${Buffer.from(advert.address).toString('hex')}`;
        if (seen.has(key)) return;
        seen.add(key);
      }
      report(advert);
      const answers = advert.type === ADVERT.connectable || advert.type === ADVERT.scannable;
      if (scan.isActive && answers && response !== undefined) report({ ...advert, type: ADVERT.scanResponse, data: response });
    },
    loseLinks() {
      for (const [handle, { peer, peerHandle }] of [...links]) {
        peer.far.drop(peerHandle, ERROR.timeout);
        drop(handle, ERROR.timeout);
      }
    },
    goDeaf(until) {
      deaf = until;
    },
    hang() {
      hangs = true;
    },
    powerCycle() {
      reset();
      deaf = undefined;
      hangs = false;
    },
    keysGiven: () => keysGiven,
    forgetKeys: () => keys.clear(),
    far: {
      encrypt(handle, key, named, then) {
        const link = links.get(handle);
        if (link === undefined) return then(false);
        const compare = (own: string | undefined): void => {
          const isTheirs = own === hexOf(key) && links.has(handle);
          if (isTheirs) event(EVENT.encryptionChanged, ERROR.none, ...two(handle), 1);
          then(isTheirs);
        };
        const kept = keys.get(hexOf(link.peer.address));
        if (kept !== undefined || isKeeper) return compare(kept);
        // As a controller without a Linux beside it does (7.7.65.5): its host has the keys.
        keyAsked.set(handle, compare);
        event(EVENT.leMeta, LE_EVENT.keyRequested, ...two(handle), ...named);
      },
      accept(peer, peerHandle) {
        if (hangs || timer === undefined) return undefined;
        const handle = nextHandle++;
        advertise(false);
        links.set(handle, { peer, peerHandle });
        connected(ERROR.none, handle, 1, 0, peer.address);
        return { handle, peer: controller };
      },
      deliver(handle, acl) {
        if (!hangs && links.has(handle)) send(acl);
      },
      drop,
      isAt: (wantedAddress) => timer !== undefined && Buffer.from(ownAddress()).equals(wantedAddress),
    },
    [Symbol.dispose]() {
      reset();
      air.leave(controller);
      peers.delete(controller);
    },
  };
  air.join(controller);
  peers.add(controller);
  return controller;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
