/**
 * Two scales as a rig file describes them, the whole way: a bench scale that speaks MT-SICS and a sketch that prints an HX711, each on a serial
 * port of its own, the device program on real ports, and the hub's own link at the end, which acknowledges what it keeps.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../firmware/clock.ts';
import type { DeviceStatus } from '../../firmware/protocol/messages.ts';
import { quantityOfCode } from '../../firmware/protocol/quantities.ts';
import { parseRig } from '../../firmware/rig.ts';
import { runDevices } from '../../firmware/run.ts';
import { startVirtualRig } from '../../hardware/virtual/rig.ts';
import { runLink } from '../../hub/sources/link.ts';
import { openSerialLine } from '../../hub/sources/serial-line.ts';

const RIG = `
name: scales
boards:
  - name: scales
    protocol: pi
    devices:
      - { kind: scale, id: lab, name: Lab scale, loadCell: { chip: mt-sics, uart: virtual } }
      - kind: scale
        id: sketch
        name: Sketch
        loadCell: { chip: hx711, uart: virtual }
        calibration: { zeroCounts: 84000, countsPerKg: 21500, date: "2026-11-01" }
`;
/** Of the machine's own time, which a busy one stretches. */
const WITHIN_MS = 60_000;

t.test(
  'a person who steps on both is weighed by each, with what it was weighed by; a load beyond the bench scale is said and is no weight',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-'));
    const file = `${folder}/rig.yaml`;
    writeFileSync(file, RIG);
    const rig = startVirtualRig({ folder, rig: parseRig(RIG, file), isQuiet: true });
    const stop = new AbortController();
    const running = runDevices(
      { rig: file, boards: [], link: `${folder}/scales.device`, state: `${folder}/state`, virtual: folder },
      stop.signal,
    );
    const line = await openSerialLine(`${folder}/scales.hub`);
    const kept: { device: string; quantity: string | undefined; value: number }[] = [];
    const statuses = new Map<string, DeviceStatus>();
    const said = Promise.withResolvers<string>();
    let awaited: { isThere: () => boolean; found: () => void } | undefined;
    const look = (): void => {
      if (awaited?.isThere() === true) awaited.found();
    };
    const link = runLink(
      line,
      {
        hello: () => undefined,
        async commit(device, _boot, readings) {
          for (const { code, value } of readings) kept.push({ device, quantity: quantityOfCode(code)?.id, value });
          look();
        },
        live: () => undefined,
        status(device, status) {
          statuses.set(device, status);
          look();
        },
        calibration: (device) => said.resolve(device),
        fault: () => undefined,
        refused: (_, error) => t.fail(String(error)),
      },
      systemClock,
    );
    t.teardown(async () => {
      stop.abort();
      await running;
      await line.close();
      await link.done;
      rig[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    });
    const until = (isThere: () => boolean, what: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${what}: not within ${WITHIN_MS / 1000} s; ${JSON.stringify(kept.slice(-5))}`)),
          WITHIN_MS,
        );
        awaited = {
          isThere,
          found() {
            clearTimeout(late);
            resolve();
          },
        };
        look();
      });
    const of = (device: string, quantity: string): number[] =>
      kept.filter((one) => one.device === device && one.quantity === quantity).map(({ value }) => value);

    t.equal(await said.promise, 'sketch', 'the scale that is calibrated says by what; the instrument has none');
    rig.scene.lay(61.5);
    await until(() => of('lab', 'weight').length > 0 && of('sketch', 'weight').length > 0, 'both weights');
    t.ok(Math.abs(of('lab', 'weight')[0]! - 61.5) < 0.02, `${of('lab', 'weight')}`);
    t.ok(Math.abs(of('sketch', 'weight')[0]! - 61.5) < 0.02, `${of('sketch', 'weight')}`);
    t.same(of('sketch', 'calibration_version'), [1]);
    rig.scene.lay(200);
    await until(() => statuses.get('lab')?.state === 'fault', 'an overload that is said');
    t.match(statuses.get('lab')?.message, /more lies on the scale than it weighs/);
    rig.scene.lay(0);
    await until(() => statuses.get('lab')?.state === 'running', 'well again');
    t.notOk(of('lab', 'weight').some((kg) => kg > 150));
  },
);
