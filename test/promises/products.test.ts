/** What `hearth prove` sees of products, sleep, regions and availability: kept where it is so, not kept where it is not. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import type { Finding } from '../../hub/rights/prove/check.ts';
import type { Proof } from '../../hub/rights/prove.ts';
import type { Device } from '../../hub/sources/devices.ts';
import type { Sync } from '../../hub/sync/sync.ts';
import type { CameraState } from '../../hub/video/camera-state.ts';
import type { WakeUp } from '../../hub/wake-up/wake-up.ts';
import { reading } from '../hub/rights/filled.ts';
import { NOON, openWeb, type TestWeb } from '../hub/web/web.ts';

const device = (id: string, kind: string, more: Partial<Device> = {}): Device => ({
  id,
  kind,
  name: id,
  firmware: '1',
  quantities: [],
  connected: true,
  state: 'running',
  message: '',
  lastSeenUtcMs: Date.now(),
  ...more,
});
const provedBy = async (hub: TestWeb): Promise<(id: string) => Finding> => {
  const proofs = (await hub.machine('GET', '/api/v1/prove')).json<Proof[]>();
  return (id) => {
    const { state, evidence } = proofs.find((one) => one.id === id)!;
    return { isKept: state === 'kept', evidence };
  };
};

t.test('what the household has is counted, and what it does is tried', async (t) => {
  let camera: CameraState = { state: 'live', fps: 30, width: 1280, height: 720, message: '', name: 'test', region: 'home' };
  const devices = [
    device('scale-1', 'scale'),
    device('tracker-1', 'tracker'),
    device('bed-1', 'bed'),
    device('gone-1', 'home', { connected: false }),
  ];
  let trouble = '';
  const targets = [{ name: 'far', region: 'france', lag: 3, setAside: 0, sentEntries: 9 }];
  let morning = { setMs: NOON, rangMs: NOON - 60_000, trail: [] };
  const hub = await openWeb(t, {
    camera: () => camera,
    devices: () => devices,
    storeTrouble: () => trouble,
    sync: () => ({ state: () => targets }) as unknown as Sync,
    wakeUp: { of: () => ({ morning, setting: undefined, nextMs: undefined, isRinging: false }) } as unknown as WakeUp,
  });
  await hub.claim();
  const { people, store } = hub;
  people.identities.set(hub.idOf('Ada'), { heightM: 1.7 });
  const keep = (id: string, sequence: number, quantity: QuantityId, value: number) =>
    people.attribution.keep(id, 7, [reading(quantity, sequence, value, NOON - 5000, { device: id })]);
  await keep('scale-1', 1, 'weight', 70);
  await keep('tracker-1', 1, 'steps', 40);
  await keep('gone-1', 1, 'co2', 600);
  const good = await provedBy(hub);

  await t.test(
    'B10, D1: what is kept of a device came over its link; the page shows what was read, and comes from the hub alone',
    async (t) => {
      t.match(good('B10'), { isKept: true, evidence: /4 devices.*1 away.*: 0/ });
      t.match(good('D1'), { isKept: true, evidence: /1 kinds that were read and 2 that were computed;.*elsewhere: 0/ });
    },
  );
  await t.test('D2, H4: an alarm never rings after the set time; a bed sensor and the waking are of the hub', async (t) => {
    t.match(good('D2'), { isKept: true, evidence: /tried on 16 made-up mornings.*late: 0; mornings here: 1, late: 0/ });
    t.match(good('H4'), { isKept: true, evidence: /told as 60 and 15; 1 bed sensors/ });
    morning = { ...morning, rangMs: NOON + 600_000 };
    const after = await provedBy(hub);
    t.match(after('D2'), { isKept: false, evidence: /mornings here: 1, late: 1/ });
  });
  await t.test('D3, H2: sleep and the body are computed by named methods, from inputs that are named too', async (t) => {
    t.match(good('D3'), { isKept: true, evidence: /cole-kripke.*off by \d+;.*: 0, without/ });
    t.match(good('H2'), { isKept: true, evidence: /fat|values by .*body-mass-index 1/ });
    const bare = reading('bmi', 90, 23, NOON, { device: 'scale-1~bmi' });
    await store.vault('person-1').commit([bare]);
    t.match((await provedBy(hub))('H2'), { isKept: false, evidence: /inputs: 1 of 1/ });
  });
  await t.test('H1, H3: the scale in three seconds and to 100 g; steps with their stated error', async (t) => {
    const [, seconds, grams] = /after ([\d.]+) s at most, off by (\d+) g/.exec(good('H1').evidence)!;
    t.ok(good('H1').isKept && Number(seconds) > 1 && Number(seconds) <= 3 && Number(grams) <= 100, good('H1').evidence);
    t.match(good('H3'), { isKept: true, evidence: /stated error: [\d.]+ %.*1 trackers/ });
  });
  await t.test('H5, H6: the camera with its shutter; blood pressure of both users', async (t) => {
    t.match(good('H5'), { isKept: true, evidence: /live, 1280 by 720.*from 1 streams/ });
    t.match(good('H6'), { isKept: true, evidence: /systolic 120, diastolic 80.*told apart: 0 and 1/ });
    camera = { ...camera, state: 'private', off: { sinceUtcMs: NOON, by: 'person-1' } };
    t.match((await provedBy(hub))('H5'), { isKept: true, evidence: /private, switched off by person-1/ });
    camera = { ...camera, state: 'fault' };
    t.match((await provedBy(hub))('H5'), { isKept: false });
  });
  await t.test('H7, H8: each measurement once, what a target lacks waits in the log; a phone gives by the same names', async (t) => {
    t.match(good('H7'), { isKept: true, evidence: /twice: 0; 1 targets, 3 entries wait/ });
    t.match(good('H8'), { isKept: true, evidence: /partner\/measurements/ });
  });
  await t.test('F2, F3: records and video in their regions alone, tried for every pair; what went astray is said', async (t) => {
    t.match(good('F2'), {
      isKept: true,
      evidence: /35 pairs.*refused: none; 1 targets, 1 outside the home, something sent out of region: 0/,
    });
    t.match(good('F3'), { isKept: true, evidence: /35 pairs.*refused: none.*goes through: home/ });
    targets.push({ name: 'astray', region: 'brazil', lag: 0, setAside: 0, sentEntries: 1 });
    camera = { ...camera, region: 'atlantis' };
    const after = await provedBy(hub);
    t.match(after('F2'), { isKept: false, evidence: /out of region: 1/ });
    t.match(after('F3'), { isKept: false, evidence: /goes through: atlantis/ });
  });
  await t.test('G2, G3: no vault lies open, no key is read by others, every package has its checksum; the hub is well', async (t) => {
    await hub.web.listen({ host: '127.0.0.1', port: 0 });
    const listening = await provedBy(hub);
    t.match(listening('G2'), {
      isKept: true,
      evidence: /open on the disk: 0; keys that others of the machine read: 0; \d{3,} packages, without a checksum.*: 0/,
    });
    t.match(listening('G3'), { isKept: true, evidence: /healthz: 200; troubles of the data: none/ });
    chmodSync(`${hub.folder}/keys/home.key`, 0o644);
    mkdirSync(`${hub.folder}/vaults`, { recursive: true });
    writeFileSync(`${hub.folder}/vaults/old.db`, 'SQLite format 3\0');
    trouble = 'the disk is full';
    const after = await provedBy(hub);
    t.match(after('G2'), { isKept: false, evidence: /open on the disk: 1; keys that others of the machine read: 1/ });
    t.match(after('G3'), { isKept: false, evidence: /the disk is full/ });
  });
  await t.test('B3: no field and no route for money', async (t) => t.match(good('B3'), { isKept: true, evidence: /of money: none/ }));
});
