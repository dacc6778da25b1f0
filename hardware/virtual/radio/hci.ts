/**
 * Words of the Host Controller Interface that the virtual controller speaks.
 * Source: Bluetooth Core 5.4, Vol 4 Part E (commands 7.1 to 7.8, events 7.7, error codes in Vol 1 Part F).
 */
/** Packet types of the UART transport (Vol 4 Part A, 2). */
export const PACKET = { command: 1, acl: 2, event: 4 } as const;
export const EVENT = {
  disconnected: 0x05,
  encryptionChanged: 0x08,
  commandComplete: 0x0e,
  commandStatus: 0x0f,
  completedPackets: 0x13,
  leMeta: 0x3e,
} as const;
export const LE_EVENT = { connected: 0x01, advertisingReport: 0x02, connectionUpdated: 0x03, keyRequested: 0x05 } as const;
export const ERROR = {
  none: 0x00,
  unknownCommand: 0x01,
  unknownConnection: 0x02,
  keyMissing: 0x06,
  timeout: 0x08,
  disallowed: 0x0c,
  remoteEnded: 0x13,
  localEnded: 0x16,
} as const;

const opcode = (group: number, command: number): number => (group << 10) | command;
export const COMMAND = {
  disconnect: opcode(1, 0x06),
  setEventMask: opcode(3, 0x01),
  reset: opcode(3, 0x03),
  readLeHostSupport: opcode(3, 0x6c),
  writeLeHostSupport: opcode(3, 0x6d),
  readVersion: opcode(4, 0x01),
  readSupportedCommands: opcode(4, 0x02),
  readBufferSize: opcode(4, 0x05),
  readAddress: opcode(4, 0x09),
  readRssi: opcode(5, 0x05),
  leSetEventMask: opcode(8, 0x01),
  leReadBufferSize: opcode(8, 0x02),
  leReadFeatures: opcode(8, 0x03),
  leSetRandomAddress: opcode(8, 0x05),
  leSetAdvertisingParameters: opcode(8, 0x06),
  leSetAdvertisingData: opcode(8, 0x08),
  leSetScanResponse: opcode(8, 0x09),
  leSetAdvertisingEnable: opcode(8, 0x0a),
  leSetScanParameters: opcode(8, 0x0b),
  leSetScanEnable: opcode(8, 0x0c),
  leCreateConnection: opcode(8, 0x0d),
  leCancelConnection: opcode(8, 0x0e),
  leUpdateConnection: opcode(8, 0x13),
  leStartEncryption: opcode(8, 0x19),
  leKeyReply: opcode(8, 0x1a),
  leKeyNegativeReply: opcode(8, 0x1b),
  /** Vendor's own, of this controller alone: keeps a long-term key (6 bytes of the peer's address, 16 of the key) as Linux does beside a controller. */
  keepKey: opcode(0x3f, 0x01),
} as const;

/** Advertising PDU types as reports name them (7.7.65.2). */
export const ADVERT = { connectable: 0, directed: 1, scannable: 2, broadcast: 3, scanResponse: 4 } as const;

/** `A4:C1:38:00:00:09` as HCI carries it: six bytes, the last first. */
export const addressBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(':', ''), 'hex').reverse());

/** A field of an advertisement: length, type, data (Vol 3 Part C, 11). */
export const field = (type: number, data: Uint8Array): Uint8Array => Uint8Array.of(data.length + 1, type, ...data);
