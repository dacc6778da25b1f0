/** What the household may set of what measures: by the API as its page uses it. */
import t from 'tap';
import type { Hello } from '../../../firmware/protocol/messages.ts';
import { openCorrectionBook } from '../../../hub/derived/correction-book.ts';
import { openCalibrations } from '../../../hub/sources/calibrations.ts';
import { type Device, openDevices } from '../../../hub/sources/devices.ts';
import { openDriftCorrection } from '../../../hub/sources/drift-correction.ts';
import { openStore } from '../../../hub/store/store.ts';
import { openShutter } from '../../../hub/video/shutter.ts';
import { createTestClock } from '../../clock.ts';
import { air, CHEAP, openWeb } from './web.ts';

t.test('a device that is gone is taken off the list; one that is connected is not; heard again, it is back', async (t) => {
  const folder = t.testdir({});
  const clock = createTestClock();
  const devices = openDevices(`${folder}/devices.json`, clock, () => undefined);
  const hello: Hello = { device: 'eye', kind: 'shutter', name: 'Eye', firmware: '1', quantities: [] };
  devices.met(hello);
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const shutter = openShutter({ devices: devices.list, command: () => true, clock, signal: stop.signal });
  const { claim } = await openWeb(t, { devices: devices.list, forgetDevice: devices.forget });
  const ada = await claim();
  t.match((await ada('DELETE', '/api/v1/devices/eye')).error, { code: 'connected', message: 'Eye is connected.' });
  devices.away('eye', 'unplugged');
  await clock.advance(5000);
  t.match(shutter.state(), { trouble: /‘Eye’: unplugged/ });
  t.equal((await ada('DELETE', '/api/v1/devices/eye')).status, 204);
  t.same((await ada('GET', '/api/v1/devices')).json(), []);
  t.equal(shutter.state(), undefined, 'nothing is said any more of a cover that is not there');
  t.same(openDevices(`${folder}/devices.json`, clock, () => undefined).list(), [], 'also after a restart');
  t.match((await ada('DELETE', '/api/v1/devices/eye')).error, { code: 'no-device' });
  devices.met(hello);
  t.equal((await ada('GET', '/api/v1/devices')).json<object[]>().length, 1);
});

t.test('a sensor is corrected on the page: by an offset or for humidity, by who lives here, for what it measures', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder, { guessCost: CHEAP });
  t.teardown(() => store[Symbol.dispose]());
  const corrections = await openCorrectionBook({
    file: `${folder}/corrections.json`,
    fixed: [{ device: 'other', quantity: 'co2', by: 'offset', offset: 5 }],
    store,
    now: () => 0,
    failed: (message) => t.fail(message),
  });
  const { ask, claim, join } = await openWeb(t, { devices: () => [air, { ...air, id: 'other', quantities: ['co2'] }], corrections });
  const ada = await claim();
  const guest = await join('Gil', { role: 'guest' });
  const at = '/api/v1/devices/air/corrections';
  t.equal((await ask('PUT', `${at}/temperature`, { by: 'offset', offset: 1 })).status, 401);
  t.equal((await guest.ask('PUT', `${at}/temperature`, { by: 'offset', offset: 1 })).status, 403);
  t.match((await ada('PUT', `${at}/temperature`, { by: 'offset', offset: -1.5 })).json(), [
    { device: 'other', origin: 'file' },
    { device: 'air', quantity: 'temperature', by: 'offset', offset: -1.5, words: '-1.5 Cel', origin: 'page' },
  ]);
  t.equal((await ada('PUT', `${at}/pm2_5`, { by: 'epa-humidity' })).status, 200);
  t.match((await ada('PUT', `${at}/temperature`, { by: 'epa-humidity' })).error, { code: 'not-dust' });
  t.match((await ada('PUT', `${at}/co2`, { by: 'offset', offset: 1 })).error, { code: 'not-measured', message: /Living room does not/ });
  t.equal((await ada('PUT', `${at}/temperature`, { by: 'offset', offset: 1e9 })).status, 400);
  t.match((await ada('PUT', '/api/v1/devices/other/corrections/co2', { by: 'offset', offset: 1 })).error, { code: 'fixed' });
  t.match((await ada('PUT', '/api/v1/devices/none/corrections/co2', { by: 'offset', offset: 1 })).error, { code: 'no-device' });
  t.equal((await ada('DELETE', `${at}/temperature`)).status, 200);
  t.equal((await ada('DELETE', `${at}/temperature`)).status, 404);
});

t.test('the drift of a scale is told and taken off by who lives here, and says why it cannot be', async (t) => {
  const store = openStore(t.testdir({}), { guessCost: CHEAP });
  t.teardown(() => store[Symbol.dispose]());
  const scale: Device = { ...air, id: 'scale', kind: 'scale', name: 'Bathroom scale', quantities: ['weight'] };
  const devices = (): Device[] => [scale, air];
  const calibrations = openCalibrations({ store, command: () => true, now: () => 0, failed: (message) => t.fail(message) });
  const drift = openDriftCorrection({ store, calibrations, devices, now: () => 0 });
  const { claim, join } = await openWeb(t, { devices, calibrations, drift });
  const ada = await claim();
  const guest = await join('Gil', { role: 'guest' });
  t.match((await ada('GET', '/api/v1/devices/scale/drift')).json(), { known: false, proposed: false, because: /has not said yet/ });
  t.match((await ada('POST', '/api/v1/devices/scale/drift')).error, { code: 'none', message: /has not said yet/ });
  t.match((await ada('POST', '/api/v1/devices/air/drift')).error, { code: 'no-load-cell' });
  t.equal((await guest.ask('POST', '/api/v1/devices/scale/drift')).status, 403);
});
