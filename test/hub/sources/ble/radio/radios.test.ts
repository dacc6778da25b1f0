import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../../../../firmware/clock.ts';
import { addressBytes, field } from '../../../../../hardware/virtual/radio/hci.ts';
import { createVirtualRadio } from '../../../../../hardware/virtual/radio/radio.ts';
import type { HeardAdvert } from '../../../../../hub/sources/ble/radio/lines.ts';
import { startRadios } from '../../../../../hub/sources/ble/radio/radios.ts';
import { rivalOf } from '../../../../../hub/sources/ble/radio/rival.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const ADDRESS = 'A4:C1:38:00:00:09';
const WITHIN_MS = 60_000;

/** Awaits what the radios say or hear. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadlineMs = performance.now() + WITHIN_MS; !holds(); ) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
    await systemClock.sleep(50);
  }
}

t.test(
  'two controllers on serial lines: both hear, neither asks when scans are passive, and one that is pulled leaves the other',
  async (t) => {
    const folder = t.testdir({});
    const radio = createVirtualRadio();
    const ports = ['one', 'two'].map((name, index) => radio.openPort(`${folder}/${name}`, `C0:FF:EE:00:00:0${index}`));
    const advert = { type: 0, addressType: 0, address: addressBytes(ADDRESS), data: field(0x03, Uint8Array.of(0x1a, 0x18)), rssi: -50 };
    radio.air.every(50, () => radio.air.send(advert, field(0x09, new TextEncoder().encode('Study')), undefined));
    const stop = new AbortController();
    const heard: HeardAdvert[] = [];
    const radios = startRadios({
      root,
      controllers: [`${folder}/one`, `${folder}/two`],
      isPassive: true,
      onAdvert: (one) => void heard.push(one),
      onLink: () => undefined,
      onHealth: () => undefined,
      log: () => undefined,
      clock: systemClock,
      signal: stop.signal,
    });
    t.teardown(async () => {
      stop.abort();
      await radios.done;
      radio[Symbol.dispose]();
    });
    const wordsOf = (name: string): string => new RegExp(`/${name}: ([^/]*)`).exec(radios.state().message)?.[1] ?? '';
    await until(() => wordsOf('one').startsWith('Hears') && wordsOf('two').startsWith('Hears'), 'both hear');
    t.ok(heard.every(({ address }) => address === ADDRESS));
    t.same(
      heard.filter(({ isScanResponse }) => isScanResponse),
      [],
      'nobody was asked for a name',
    );
    ports[0]!.unplug();
    await until(() => !wordsOf('one').startsWith('Hears'), 'the pulled one is noticed');
    t.match(wordsOf('one'), /^The controller at $/, 'with its place, and what to do');
    t.match(radios.state().message, /was pulled: plug it in again/);
    t.equal(radios.state().kind, 'hearing', 'the home is heard all the same');
    t.ok(wordsOf('two').startsWith('Hears'));
    ports[0]!.plug();
    await until(() => wordsOf('one').startsWith('Hears'), 'and heard with again');
  },
);

t.test('another program on the adapter is named with its remedy', async (t) => {
  const processes = t.testdir({});
  for (const [pid, name] of [
    ['1', 'systemd'],
    ['77', 'node'],
  ] as const) {
    mkdirSync(`${processes}/${pid}`);
    writeFileSync(`${processes}/${pid}/comm`, `${name}\n`);
  }
  mkdirSync(`${processes}/4711`);
  t.equal(rivalOf(processes), '', 'and one that ended meanwhile is no matter');
  writeFileSync(`${processes}/4711/comm`, 'bluetoothd\n');
  t.match(rivalOf(processes), /'sudo systemctl disable --now bluetooth' leaves the adapter to the hub/);
});
