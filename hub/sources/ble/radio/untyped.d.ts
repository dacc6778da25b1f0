// The alias hides the package's own types (they declare '@stoprocent/noble'); the parts that are used, internals included.
declare module '@abandonware/noble' {
  import type { EventEmitter } from 'node:events';

  interface NobleCharacteristic extends EventEmitter {
    readonly uuid: string;
    readonly properties: readonly string[];
    readAsync(): Promise<Buffer>;
    writeAsync(data: Buffer, withoutResponse: boolean): Promise<void>;
    subscribeAsync(): Promise<void>;
  }
  interface NoblePeripheral extends EventEmitter {
    readonly id: string;
    readonly address: string;
    readonly advertisement: { readonly localName?: string };
    connectAsync(): Promise<void>;
    disconnectAsync(): Promise<void>;
    cancelConnect(): void;
    discoverAllServicesAndCharacteristicsAsync(): Promise<{ characteristics: NobleCharacteristic[] }>;
  }
  /** Of a controller on a serial line: whether it answered the first reset. */
  interface HciSocket {
    readonly _isUp?: boolean;
    reset(): void;
    write: (packet: Buffer) => void;
  }
  interface Smp extends EventEmitter {
    _preq: Buffer;
    sendPairingRequest: (this: Smp) => void;
    write(packet: Buffer): void;
    on(event: 'ltk', then: (ltk: Buffer) => void): this;
    on(event: 'masterIdent', then: (ediv: Buffer, rand: Buffer) => void): this;
  }
  interface AclStream extends EventEmitter {
    readonly _smp: Smp;
    on(event: 'data', then: (channel: number, data: Buffer | undefined) => void): this;
    once(event: 'encrypt', then: (encrypted: number) => void): this;
  }
  interface Gatt {
    _security: string;
    readonly onAclStreamEncryptBinded: (encrypted: number) => void;
  }
  type Report = (status: number, type: number, address: string, addressType: string, eir: Buffer, rssi: number) => void;
  type ExtendedReport = (
    status: number,
    type: number,
    address: string,
    addressType: string,
    txPower: number,
    rssi: number,
    eir: Buffer,
  ) => void;
  interface Noble extends EventEmitter {
    readonly address: string;
    startScanning(services: string[], allowDuplicates: boolean): void;
    stopScanning(): void;
    stop(): void;
    readonly _bindings: {
      /** Undefined until the bindings have started. */
      readonly _hci: EventEmitter & {
        reset(): void;
        readonly _aclConnections: Map<number, unknown>;
        startLeEncryption(handle: number, rand: Buffer, ediv: Buffer, key: Buffer): void;
        readonly _socket: HciSocket;
      };
      /** By the peripheral's id. */
      readonly _handles: Readonly<Record<string, number>>;
      readonly _aclStreams: Readonly<Record<number, AclStream>>;
      readonly _gatts: Readonly<Record<number, Gatt>>;
      readonly _gap: { readonly _discoveries: Record<string, unknown> };
      onDisconnComplete(handle: number, reason: number): void;
      _isScanning: boolean;
      _isScanningStarted: boolean;
    };
    _cleanupPeriperals(id: string): void;
  }
  export interface NobleModule {
    withBindings(kind: 'hci', options: object): Noble;
  }
  export type { AclStream, ExtendedReport, Noble, NobleCharacteristic, NoblePeripheral, Report };
}
