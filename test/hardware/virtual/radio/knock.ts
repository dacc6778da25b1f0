/** A library asks a controller on a serial line to reset once; where that is lost while the line opens, it is asked again until it is up. */
export interface KnockedOn {
  readonly _bindings: { readonly _hci?: { readonly _socket: { readonly _isUp?: boolean; reset(): void } } | null };
}

const KNOCK_MS = 500;

export function knock(library: KnockedOn): void {
  const timer = setInterval(() => {
    const socket = library._bindings._hci?._socket;
    if (socket?._isUp === true) clearInterval(timer);
    else socket?.reset();
  }, KNOCK_MS);
}
