/**
 * What a person may set, and where: command line before environment before configuration file before default.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Static } from 'typebox';
import { Type } from '../../firmware/schema/type.ts';
import { mistakeAt, parseSettings } from '../../firmware/settings.ts';
import { CorrectionList, type CorrectionSetting } from '../derived/corrections.ts';
import type { ContinentId } from '../sync/residency.ts';
import { Continent, mistakeIn, SyncList, type TargetSettings } from '../sync/settings.ts';
import { mistakeInVideoEdges, VideoEdgeList, type VideoEdgeSettings } from './video-edge-settings.ts';

export interface CaptureSettings {
  readonly devices: readonly string[];
  readonly mostBytes: number;
}

export interface Config {
  readonly port: number;
  /** Address to listen on; used only once the hub is claimed, loopback until then. */
  readonly host: string;
  /** Folder of everything the hub keeps. */
  readonly data: string;
  /** Rig file; undefined: look for hardware, else the virtual rig. */
  readonly rig: string | undefined;
  /** Motion recording that the virtual tracker plays instead of its gait model. */
  readonly motion: string | undefined;
  /** Force-plate recording that the virtual scale plays instead of its person. */
  readonly person: string | undefined;
  /** Weight of the virtual person, kg. */
  readonly weight: number | undefined;
  readonly edge: boolean;
  /** A camera by name (see sources/camera.ts), true for the one that is found, false for none. */
  readonly camera: boolean | string;
  /** Pictures that the camera encoded itself are sealed end to end; undefined: where they leave the home. */
  readonly sealVideo: boolean | undefined;
  /** ALSA's name of one, `test`, or false for none; undefined: what is found. It listens only once somebody switched it on. */
  readonly microphone: string | false | undefined;
  /** Edges outside the home for the camera; without one it is shown through the hub's own. */
  readonly videoEdges: readonly VideoEdgeSettings[];
  readonly bluetooth: boolean;
  /** Bluetooth controllers: serial ports that speak HCI, or adapters of this machine (`hci1`); undefined: the machine's own adapter. */
  readonly hci: readonly string[] | undefined;
  /** Devices are heard only and never asked for their names: a connection asks all the same. */
  readonly bluetoothPassive: boolean;
  /** IANA time zone of the home: what day it is there decides ages. */
  readonly zone: string;
  /** Whether requests from outside the home network are answered. */
  readonly remote: boolean;
  /** Opens a hotspot to be set up through when the hub is in no network and on no cable. */
  readonly setUpHotspot: boolean;
  /** Where measurements go beside the embedded edge: only from the file, where people and categories are named with each. */
  readonly sync: readonly TargetSettings[];
  /** Raw samples at a high rate: of which devices they are kept, none by itself, and how much of them. */
  readonly capture: CaptureSettings;
  /** Named corrections of sensors' values; others are set on the page. */
  readonly corrections: readonly CorrectionSetting[];
  /** Where the household lives: decides where its data may be. */
  readonly continent: ContinentId | undefined;
  /** Folders where people may have copies made, beside drives that are plugged in. */
  readonly copies: readonly string[];
  /** Where contributions to studies go, by people's own word; undefined: nowhere. */
  readonly statistics: string | undefined;
}

const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const Capture = Type.Object(
  {
    devices: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { maxItems: 16 }),
    mostMb: Type.Optional(Type.Number({ minimum: 1, maximum: 1_000_000 })),
  },
  { additionalProperties: false },
);
/** Ten days of an accelerometer at 100 Hz. */
const CAPTURE_MB = 500;

const FileSettings = Type.Object(
  {
    port: Type.Optional(Port),
    host: Type.Optional(Type.String()),
    data: Type.Optional(Type.String()),
    rig: Type.Optional(Type.String()),
    motion: Type.Optional(Type.String()),
    person: Type.Optional(Type.String()),
    weight: Type.Optional(Type.Number({ minimum: 1, maximum: 300 })),
    edge: Type.Optional(Type.Boolean()),
    camera: Type.Optional(Type.Union([Type.Boolean(), Type.String()])),
    sealVideo: Type.Optional(Type.Boolean()),
    microphone: Type.Optional(Type.Union([Type.Boolean(), Type.String()])),
    videoEdges: Type.Optional(VideoEdgeList),
    bluetooth: Type.Optional(Type.Boolean()),
    hci: Type.Optional(Type.String()),
    bluetoothPassive: Type.Optional(Type.Boolean()),
    zone: Type.Optional(Type.String()),
    remote: Type.Optional(Type.Boolean()),
    setUpHotspot: Type.Optional(Type.Boolean()),
    continent: Type.Optional(Continent),
    copies: Type.Optional(Type.Array(Type.String({ pattern: '^/[^\\0]{1,500}$' }), { maxItems: 20 })),
    // An address in clear text is for this machine alone.
    statistics: Type.Optional(Type.String({ pattern: '^(https://|http://(127\\.0\\.0\\.1|localhost)[:/])[^\\s]{1,300}$' })),
    sync: Type.Optional(SyncList),
    capture: Type.Optional(Capture),
    corrections: Type.Optional(CorrectionList),
  },
  { additionalProperties: false },
);
type Settings = Static<typeof FileSettings>;

/** A mistake in an option or a variable: what, the value, and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const DEFAULT_PORT = 8080;

/**
 * Reads the configuration. Throws {@link ConfigError} or SettingsError; `--help` and `--version` print and exit.
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv, version: string, root: string): Config {
  const options = parseOptions(argv, version);
  const fromEnv = readEnvironment(env);
  const data = resolve(options.data ?? fromEnv.data ?? `${root}data`);
  const file = options.config ?? env.HEARTH_CONFIG ?? `${data}/hearth.yaml`;
  const isNamed = options.config !== undefined || env.HEARTH_CONFIG !== undefined;
  if (isNamed && !existsSync(file)) throw new ConfigError(`the configuration file ${file} is not there: correct its name or leave it out`);
  const fromFile: Settings = existsSync(file) ? readFile(file) : {};
  const settings: Settings = { ...fromFile, ...fromEnv, ...options };
  const path = (key: 'rig' | 'motion' | 'person'): string | undefined => {
    const value = settings[key];
    if (value !== undefined && !existsSync(value)) throw new ConfigError(`the ${key} file ${value} is not there`);
    return value === undefined ? undefined : resolve(value);
  };
  return {
    port: settings.port ?? DEFAULT_PORT,
    host: settings.host ?? '127.0.0.1',
    data: options.data === undefined && fromEnv.data === undefined && fromFile.data !== undefined ? resolve(fromFile.data) : data,
    rig: path('rig'),
    motion: path('motion'),
    person: path('person'),
    weight: settings.weight,
    edge: settings.edge ?? true,
    camera: settings.camera ?? true,
    sealVideo: settings.sealVideo,
    microphone: settings.microphone === true ? undefined : settings.microphone,
    videoEdges: settings.videoEdges ?? [],
    bluetooth: settings.bluetooth ?? true,
    hci: controllersOf(settings.hci),
    bluetoothPassive: settings.bluetoothPassive ?? false,
    sync: settings.sync ?? [],
    capture: { devices: settings.capture?.devices ?? [], mostBytes: (settings.capture?.mostMb ?? CAPTURE_MB) * 2 ** 20 },
    corrections: settings.corrections ?? [],
    continent: settings.continent,
    copies: settings.copies ?? [],
    statistics: settings.statistics,
    zone: zoneOf(settings.zone),
    remote: settings.remote ?? false,
    setUpHotspot: settings.setUpHotspot ?? false,
  };
}

/** More than a house is wide. */
const MOST_CONTROLLERS = 4;

/** A list with commas: `/dev/ttyUSB0, hci1`. */
function controllersOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^(\/.+|hci\d{1,2})$/.test(name));
  if (wrong !== undefined)
    throw new ConfigError(
      `the Bluetooth controller '${wrong}' is none: a serial port like /dev/ttyUSB0, or an adapter like hci1; several with commas`,
    );
  if (new Set(names).size < names.length) throw new ConfigError(`the Bluetooth controllers '${text}' name one twice: name each once`);
  if (names.length > MOST_CONTROLLERS)
    throw new ConfigError(`${names.length} Bluetooth controllers are too many: at most ${MOST_CONTROLLERS}`);
  return names;
}

/** The home's time zone, the machine's own unless it is set. */
function zoneOf(name: string | undefined): string {
  const zone = name ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new ConfigError(`the time zone '${zone}' is not known: write it like Europe/Paris`);
  }
}

function readFile(file: string): Settings {
  const text = readFileSync(file, 'utf8');
  const settings: Settings = parseSettings(text, file, FileSettings);
  const mistake = mistakeIn(settings.sync ?? []);
  if (mistake !== undefined) throw mistakeAt(text, file, ['sync', ...mistake.path], mistake.message);
  const wrong = mistakeInVideoEdges(settings.videoEdges ?? []);
  if (wrong !== undefined) throw mistakeAt(text, file, ['videoEdges', ...wrong.path], wrong.message);
  return settings;
}

type Options = Settings & { config?: string };

function parseOptions(argv: readonly string[], version: string): Options {
  const program = new Command('npm start --')
    .description('Runs the hub. With hardware attached it uses it; without, a virtual rig stands in.')
    .option('--port <number>', `port of the page (default ${DEFAULT_PORT}; environment HEARTH_PORT)`, parsePort)
    .option('--host <address>', 'address to listen on once the hub is claimed, 0.0.0.0 for the whole home (default 127.0.0.1; HEARTH_HOST)')
    .option('--data <folder>', 'where everything is kept (default ./data; HEARTH_DATA)')
    .option('--rig <file>', 'boards and chips, as in hardware/boards (default: what is found; HEARTH_RIG)')
    .option('--motion <file>', 'recorded walk for the virtual tracker (HEARTH_MOTION)')
    .option('--person <file>', 'recorded force plate for the virtual scale (HEARTH_PERSON)')
    .option('--weight <kg>', 'weight of the virtual person (HEARTH_WEIGHT)', parseWeight)
    .option('--no-edge', 'run without an edge of its own: the camera is shown by those of videoEdges alone (HEARTH_EDGE=false)')
    .option('--camera <which>', 'test, test-h264, rpicam, /dev/…, rtsp://… or file:/… (default: what is found; HEARTH_CAMERA)')
    .option('--microphone <which>', 'test, default or hw:CARD,DEVICE; it listens once somebody switched it on (HEARTH_MICROPHONE)')
    .option('--seal-video', 'seal the pictures of a camera that encodes end to end, also within the home (HEARTH_SEAL_VIDEO=true)')
    .option('--no-camera', 'leave the camera alone (HEARTH_CAMERA=false)')
    .option('--no-bluetooth', 'leave the Bluetooth adapter alone (HEARTH_BLUETOOTH=false)')
    .option(
      '--hci <ports>',
      "Bluetooth controllers: serial ports that speak HCI, or adapters like hci1, several with commas (default: this machine's; HEARTH_HCI)",
    )
    .option('--bluetooth-passive', 'hear Bluetooth devices without asking for their names (HEARTH_BLUETOOTH_PASSIVE=true)')
    .option('--zone <name>', "time zone of the home, like Europe/Paris (default: this machine's; HEARTH_ZONE)")
    .option('--remote', 'answer requests from outside the home network too; each is logged (HEARTH_REMOTE=true)')
    .option('--set-up-hotspot', 'open a Wi-Fi hotspot to be set up through while there is no network (HEARTH_SET_UP_HOTSPOT=true)')
    .option('--config <file>', 'settings in YAML, same names as these options (default DATA/hearth.yaml; HEARTH_CONFIG)')
    .version(version, '--version')
    .helpOption('--help', 'this text')
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .parse(argv, { from: 'user' });
  // commander says true for a --no option that was not given; what was not given must not overrule the file.
  const { edge, camera, bluetooth, ...given } = program.opts<Options & { edge: boolean; camera?: boolean | string; bluetooth: boolean }>();
  const said = Object.entries({ edge, camera, bluetooth }).filter(([, value]) => value === false || typeof value === 'string');
  return { ...given, ...Object.fromEntries(said) };
}

function readEnvironment(env: NodeJS.ProcessEnv): Settings {
  const text = (key: string): string | undefined => (env[key] === undefined || env[key] === '' ? undefined : env[key]);
  const flag = (key: string): boolean | undefined => {
    const value = text(key);
    if (value === undefined || value === 'true' || value === 'false') return value === undefined ? undefined : value === 'true';
    throw new ConfigError(`${key} is '${value}': it must be true or false`);
  };
  const port = text('HEARTH_PORT');
  const weight = text('HEARTH_WEIGHT');
  const all = {
    port: port === undefined ? undefined : parsePort(port, 'HEARTH_PORT'),
    host: text('HEARTH_HOST'),
    data: text('HEARTH_DATA'),
    rig: text('HEARTH_RIG'),
    motion: text('HEARTH_MOTION'),
    person: text('HEARTH_PERSON'),
    weight: weight === undefined ? undefined : parseWeight(weight, 'HEARTH_WEIGHT'),
    edge: flag('HEARTH_EDGE'),
    camera: /^(true|false)?$/.test(env.HEARTH_CAMERA ?? '') ? flag('HEARTH_CAMERA') : text('HEARTH_CAMERA'),
    sealVideo: flag('HEARTH_SEAL_VIDEO'),
    microphone: text('HEARTH_MICROPHONE'),
    bluetooth: flag('HEARTH_BLUETOOTH'),
    hci: text('HEARTH_HCI'),
    bluetoothPassive: flag('HEARTH_BLUETOOTH_PASSIVE'),
    zone: text('HEARTH_ZONE'),
    remote: flag('HEARTH_REMOTE'),
    setUpHotspot: flag('HEARTH_SET_UP_HOTSPOT'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const parsePort = (text: string, source?: unknown): number => parseNumber(text, source, 0, 65_535, true);
const parseWeight = (text: string, source?: unknown): number => parseNumber(text, source, 1, 300, false);

function parseNumber(text: string, source: unknown, min: number, max: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const message = `'${text}' is not ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  if (typeof source === 'string' && source.startsWith('HEARTH_')) throw new ConfigError(`${source}: ${message}`);
  throw new InvalidArgumentError(message);
}
