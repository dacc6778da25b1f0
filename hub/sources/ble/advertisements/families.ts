/** Every family. The order decides between two that read the same broadcast: the one that can be surer stands first. */
import type { AdvertisementFamily } from '../advertisement.ts';
import { acconeer } from './acconeer.ts';
import { airMentor } from './airmentor.ts';
import { airthings } from './airthings.ts';
import { almendo } from './almendo.ts';
import { amazfit } from './amazfit.ts';
import { aranet } from './aranet.ts';
import { atc } from './atc.ts';
import { bParasite } from './b-parasite.ts';
import { beacons } from './beacons.ts';
import { bthome } from './bthome.ts';
import { govee } from './govee.ts';
import { hhcc } from './hhcc.ts';
import { household } from './household.ts';
import { inkbird } from './inkbird.ts';
import { inode } from './inode.ts';
import { jinou } from './jinou.ts';
import { kegtron } from './kegtron.ts';
import { laica } from './laica.ts';
import { miScale } from './mi-scale.ts';
import { mibeacon } from './mibeacon.ts';
import { mikrotik } from './mikrotik.ts';
import { moat } from './moat.ts';
import { oralB } from './oral-b.ts';
import { qingping } from './qingping.ts';
import { relsib } from './relsib.ts';
import { ruuvi } from './ruuvi.ts';
import { sensirion } from './sensirion.ts';
import { sensorBeacons } from './sensor-beacons.ts';
import { sensorpush } from './sensorpush.ts';
import { smartdry } from './smartdry.ts';
import { sport } from './sport.ts';
import { standardValues } from './standard-values.ts';
import { switchbot } from './switchbot.ts';
import { tags } from './tags.ts';
import { teltonika } from './teltonika.ts';
import { thermobeacon } from './thermobeacon.ts';
import { thermopro } from './thermopro.ts';
import { xiaogui } from './xiaogui.ts';

export const families: readonly AdvertisementFamily[] = [
  bthome,
  mibeacon,
  miScale,
  amazfit,
  atc,
  bParasite,
  ruuvi,
  aranet,
  airthings,
  qingping,
  switchbot,
  govee,
  inkbird,
  sensirion,
  sensorpush,
  thermopro,
  thermobeacon,
  inode,
  oralB,
  hhcc,
  mikrotik,
  standardValues,
  teltonika,
  relsib,
  jinou,
  laica,
  xiaogui,
  moat,
  acconeer,
  almendo,
  smartdry,
  airMentor,
  sport,
  household,
  sensorBeacons,
  kegtron,
  beacons,
  tags,
];
