/**
 * `node hardware/virtual/radio/serve.ts TWIN=PORT ...`: twins of Bluetooth devices, each over an HCI port of the virtual rig (`DATA/run/hci-device`)
 * or of a dongle. Ends with its standard input.
 */
import { existsSync } from 'node:fs';
import { servePeripheral } from './peripherals.ts';
import { createAranet4 } from './twins/aranet4.ts';
import { createBloodPressure } from './twins/blood-pressure.ts';
import { createConsentScale } from './twins/consent-scale.ts';
import { createFootPod } from './twins/foot-pod.ts';
import { createLywsd } from './twins/lywsd.ts';
import { createOximeter } from './twins/oximeter.ts';
import { createRoomSensor } from './twins/room-sensor.ts';
import { createPrivateStrap, createStrap } from './twins/strap.ts';
import { createThermometer } from './twins/thermometer.ts';
import type { RadioTwin } from './twins/twin.ts';
import { createWavePlus } from './twins/wave-plus.ts';

/** Records of the Aranet's log. */
const LOGGED = 130;
const twins: Readonly<Record<string, () => RadioTwin>> = {
  aranet4: () => createAranet4(LOGGED, Date.now),
  'blood-pressure': () => createBloodPressure(Date.now),
  'consent-scale': () => createConsentScale(Date.now),
  'foot-pod': createFootPod,
  lywsd: createLywsd,
  oximeter: createOximeter,
  'private-strap': createPrivateStrap,
  room: createRoomSensor,
  strap: createStrap,
  thermometer: () => createThermometer(Date.now),
  'wave-plus': createWavePlus,
};

for (const argument of process.argv.slice(2)) {
  const [name = '', port = ''] = argument.split('=');
  const create = twins[name];
  if (create === undefined || port === '') {
    console.error(`'${argument}' is no twin with its port: ${Object.keys(twins).join('=PORT, ')}=PORT`);
    process.exit(2);
  }
  if (!existsSync(port)) {
    console.error(`${port} is not there: start the hub first (its virtual rig makes the port), or plug the dongle in`);
    process.exit(1);
  }
  servePeripheral(create(), port);
}
process.stdin.resume().on('close', () => process.exit(0));
