/** Services and their characteristics as tables, apart from the library that serves them. */
export type PushBytes = (bytes: Uint8Array) => void;

/** A characteristic, apart from the library that serves it. */
export interface Characteristic {
  readonly uuid: string;
  readonly properties: readonly string[];
  /** Of a person: over an encrypted link alone. */
  readonly isPersonal: boolean;
  /** Undefined while there is no value. */
  readonly read?: (link: number) => Uint8Array | undefined;
  /** False for bytes that it does not take. */
  readonly written?: (link: number, bytes: Uint8Array) => boolean;
  readonly subscribed?: (link: number, mostBytes: number, push: PushBytes) => void;
  readonly unsubscribed?: (link: number) => void;
  readonly confirmed?: (link: number) => void;
}
export interface AnyService {
  readonly uuid: string;
  readonly characteristics: readonly Characteristic[];
}

/** One that only tells, of no person. */
export const readOnly = (uuid: string, read: () => Uint8Array): Characteristic => ({ uuid, properties: ['read'], isPersonal: false, read });

/** One that tells whoever listens, each time it is pushed. */
export function notifies(
  uuid: string,
  isPersonal: boolean,
  read?: () => Uint8Array | undefined,
): { readonly characteristic: Characteristic; push(bytes: Uint8Array): void } {
  const links = new Map<number, PushBytes>();
  return {
    characteristic: {
      uuid,
      properties: [...(read === undefined ? [] : ['read']), 'notify'],
      isPersonal,
      ...(read === undefined ? {} : { read }),
      subscribed: (link, _most, push) => void links.set(link, push),
      unsubscribed: (link) => void links.delete(link),
    },
    push: (bytes) => links.forEach((push) => void push(bytes)),
  };
}
