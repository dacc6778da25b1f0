/** The virtual radio: an air, and controllers on ptys that any Bluetooth host opens as HCI over UART. */
import { openPty, type Pty } from '../pty.ts';
import { createRandom } from '../random.ts';
import { type Air, createAir } from './air.ts';
import { createController, type VirtualController } from './controller.ts';
import { createH4Reader } from './h4.ts';

export interface RadioPort extends Disposable {
  readonly controller: VirtualController;
  /** Pulls the adapter: its port hangs up. */
  unplug(): void;
  plug(): void;
}

export interface VirtualRadio extends Disposable {
  readonly air: Air;
  /** A controller behind a pty that is linked at `link`. */
  openPort(link: string, address: string): RadioPort;
}

export function createVirtualRadio(seed = 1): VirtualRadio {
  const air = createAir(createRandom(seed));
  const peers = new Set<VirtualController>();
  const ports = new Set<RadioPort>();
  return {
    air,
    openPort(link, address) {
      let pty: Pty | undefined;
      const controller = createController({ air, address, peers, send: (packet) => pty?.write(packet) });
      const port: RadioPort = {
        controller,
        plug() {
          const read = createH4Reader();
          pty ??= openPty(link, (bytes) => {
            for (const packet of read(bytes)) controller.receive(packet);
          });
        },
        unplug() {
          pty?.close();
          pty = undefined;
          controller.powerCycle();
        },
        [Symbol.dispose]() {
          port.unplug();
          controller[Symbol.dispose]();
          ports.delete(port);
        },
      };
      port.plug();
      ports.add(port);
      return port;
    },
    [Symbol.dispose]() {
      for (const port of ports) port[Symbol.dispose]();
      air[Symbol.dispose]();
    },
  };
}
