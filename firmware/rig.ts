/**
 * A rig file: which boards there are, what chips hang on them, and how they are calibrated. Facts of a bench, in YAML.
 */
import type { Static, TSchema } from 'typebox';
import type { ChipSettings, SettingName } from './chips/chip-settings.ts';
import { settingShapes } from './chips/chip-settings.ts';
import { type AirChipName, airChips, type LoadCellName, loadCellChips, type MotionChipName, motionChips } from './chips/registry.ts';
import { Type } from './schema/type.ts';
import { mistakeAt, parseSettings } from './settings.ts';

const exact = { additionalProperties: false } as const;
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' });
const common = { id: Id, name: Type.String({ minLength: 1, maxLength: 60 }) };

/** Where a chip hangs: on the board's own I2C or bus N of the machine, or on a serial port (`virtual` on the virtual rig). */
export interface Place {
  readonly i2c?: number;
  readonly uart?: string;
  readonly baudRate?: number;
}
export type Chosen<Name extends string> = { readonly chip: Name } & Place & ChipSettings;

const place = {
  i2c: { i2c: Type.Optional(Type.Integer({ minimum: 0, maximum: 99 })) },
  uart: { uart: Type.String({ minLength: 1 }), baudRate: Type.Optional(Type.Integer({ minimum: 300, maximum: 3_000_000 })) },
  lines: {
    uart: Type.Optional(Type.String({ minLength: 1 })),
    baudRate: Type.Optional(Type.Integer({ minimum: 300, maximum: 3_000_000 })),
  },
} as const;

/** A chip of one table by its name, with the place and the settings that its row allows. */
const oneOf = <Name extends string>(
  table: Readonly<Record<Name, { readonly bus: keyof typeof place; readonly settings: readonly SettingName[] }>>,
) =>
  Type.Unsafe<Chosen<Name>>(
    Type.Union(
      Object.entries<{ readonly bus: keyof typeof place; readonly settings: readonly SettingName[] }>(table).map(([chip, row]) => {
        const settings = row.settings.map((name): [string, TSchema] => [name, Type.Optional(settingShapes[name])]);
        return Type.Object({ chip: Type.Literal(chip), ...place[row.bus], ...Object.fromEntries(settings) }, exact);
      }),
    ),
  );
const LoadCellChip = oneOf<LoadCellName>(loadCellChips);
const MotionChip = oneOf<MotionChipName>(motionChips);
const AirChip = oneOf<AirChipName>(airChips);

/** Two points of a straight line: what the load cell counts at nothing, and for each kilogram. */
const Calibration = Type.Object(
  { zeroCounts: Type.Number(), countsPerKg: Type.Number({ exclusiveMinimum: 0 }), date: Type.String() },
  exact,
);
/** Without a calibration only for an instrument that gives masses itself. */
const Scale = Type.Object(
  { kind: Type.Literal('scale'), ...common, loadCell: LoadCellChip, calibration: Type.Optional(Calibration) },
  exact,
);
const Tracker = Type.Object({ kind: Type.Literal('tracker'), ...common, accelerometer: MotionChip }, exact);
/** Under a leg of the bed, or under the mattress. */
const Bed = Type.Object({ kind: Type.Literal('bed'), ...common, loadCell: LoadCellChip, calibration: Type.Optional(Calibration) }, exact);
/** Of chips that measure the same, the first one named gives the value. */
const Home = Type.Object(
  { kind: Type.Literal('home'), ...common, air: Type.Union([AirChip, Type.Array(AirChip, { minItems: 1, maxItems: 12 })]) },
  exact,
);
/** What wakes: a buzzer or a light on a pin of a Firmata board. */
const Alarm = Type.Object(
  {
    kind: Type.Literal('alarm'),
    ...common,
    pin: Type.Integer({ minimum: 0, maximum: 127 }),
    output: Type.Union([Type.Literal('buzzer'), Type.Literal('light')]),
  },
  exact,
);
const Pin = Type.Integer({ minimum: 0, maximum: 127 });
const Degrees = Type.Integer({ minimum: 0, maximum: 180 });
/** Beside the home camera: a light that is on while it may see, and a cover on a servo (of a Firmata board). */
const Shutter = Type.Object(
  {
    kind: Type.Literal('shutter'),
    ...common,
    led: Type.Optional(Pin),
    servo: Type.Optional(Pin),
    openDegrees: Type.Optional(Degrees),
    closedDegrees: Type.Optional(Degrees),
  },
  exact,
);
const Device = Type.Union([Scale, Tracker, Bed, Home, Alarm, Shutter]);
/** The board's devices are on the air as well: for phones by the standard services, for a hub as over a cable. */
const Bluetooth = Type.Union([
  Type.Boolean(),
  Type.Object(
    {
      /** `hci0`, a port with a controller that speaks HCI, or `virtual`; the machine's first when it is not named. */
      adapter: Type.Optional(Type.String({ pattern: '^(hci[0-9]+|/.+|virtual)$' })),
      /** As phones show it; else the name of the first device. */
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 29 })),
      /** `required`: values of a person only over an encrypted link; `none`: to everybody in reach, who may also take them for the hub. */
      pairing: Type.Optional(Type.Union([Type.Literal('required'), Type.Literal('none')])),
    },
    exact,
  ),
]);
const bluetooth = Type.Optional(Bluetooth);
const devices = Type.Array(Device, { minItems: 1, maxItems: 16 });
const FirmataBoard = Type.Object(
  {
    name: Id,
    /** `virtual`, or a port by its stable name under /dev/serial/by-id. */
    port: Type.String({ minLength: 1 }),
    protocol: Type.Literal('firmata'),
    bluetooth,
    devices,
  },
  exact,
);
/** The machine itself: chips on its own I2C and serial ports. */
const PiBoard = Type.Object(
  { name: Id, protocol: Type.Literal('pi'), i2c: Type.Optional(Type.Integer({ minimum: 0, maximum: 99 })), bluetooth, devices },
  exact,
);
const RigFile = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    boards: Type.Array(Type.Union([FirmataBoard, PiBoard]), { minItems: 1, maxItems: 16 }),
  },
  exact,
);

export type Rig = Static<typeof RigFile>;
export type RigBoard = Rig['boards'][number];
export type RigDevice = Static<typeof Device>;
export type ScaleDevice = Static<typeof Scale>;
export type TrackerDevice = Static<typeof Tracker>;
export type BedDevice = Static<typeof Bed>;
export type AlarmDevice = Static<typeof Alarm>;
export type ShutterDevice = Static<typeof Shutter>;
export type HomeDevice = Static<typeof Home>;
export type CountsPerKg = Static<typeof Calibration>;

/** How a board's devices are on the air; undefined when they are not. */
export interface BoardBluetooth {
  /** Empty: the machine's first. */
  readonly adapter: string;
  readonly name: string;
  readonly isPaired: boolean;
}
export function bluetoothOf({ bluetooth: chosen, devices: [first] }: RigBoard): BoardBluetooth | undefined {
  if (chosen === undefined || chosen === false) return undefined;
  const { adapter = '', name = first?.name ?? 'Hearth', pairing = 'required' } = chosen === true ? {} : chosen;
  return { adapter, name, isPaired: pairing === 'required' };
}

/** The stand-in for a port on the virtual rig. */
export const VIRTUAL = 'virtual';

/** Whether any part of a board is one of the virtual rig. */
export const isVirtualBoard = (board: RigBoard): boolean =>
  (board.protocol === 'firmata' && board.port === VIRTUAL) ||
  board.devices.some((device) => chipsOf(device).some(({ uart }) => uart === VIRTUAL));

/** The chips of a device in the order of the rig file. */
export function chipsOf(device: RigDevice): readonly Chosen<string>[] {
  switch (device.kind) {
    case 'scale':
    case 'bed':
      return [device.loadCell];
    case 'tracker':
      return [device.accelerometer];
    case 'home':
      return airOf(device);
    case 'alarm':
    case 'shutter':
      return [];
  }
}

/** The rig with each `virtual` port named as the virtual rig in `folder` names it. */
export function onVirtualRig(rig: Rig, folder: string): Rig {
  const named =
    (device: RigDevice) =>
    <Chip extends Chosen<string>>(chip: Chip): Chip =>
      chip.uart === VIRTUAL ? { ...chip, uart: virtualUart(folder, device.id, chip.chip) } : chip;
  const placed = (device: RigDevice): RigDevice => {
    const at = named(device);
    switch (device.kind) {
      case 'scale':
      case 'bed':
        return { ...device, loadCell: at(device.loadCell) };
      case 'tracker':
        return { ...device, accelerometer: at(device.accelerometer) };
      case 'home':
        return { ...device, air: airOf(device).map(at) };
      case 'alarm':
      case 'shutter':
        return device;
    }
  };
  return {
    ...rig,
    boards: rig.boards.map((wired) => {
      const devices = wired.devices.map(placed);
      const { bluetooth: air } = wired;
      const board = isVirtualAir(air) ? { ...wired, bluetooth: { ...air, adapter: virtualAir(folder, wired.name) } } : wired;
      if (board.protocol === 'pi') return { ...board, devices };
      return { ...board, devices, port: board.port === VIRTUAL ? virtualBoard(folder, board.name) : board.port };
    }),
  };
}

/** Names of the virtual rig's ports in its folder. */
export const virtualBoard = (folder: string, board: string): string => `${folder}/board-${board}`;
export const virtualAir = (folder: string, board: string): string => `${folder}/hci-${board}`;
type AirOfBoard = Exclude<RigBoard['bluetooth'], boolean | undefined>;
/** Whether a board is on the air of the virtual rig. */
export const isVirtualAir = (air: RigBoard['bluetooth']): air is AirOfBoard => typeof air === 'object' && air.adapter === VIRTUAL;
export const virtualUart = (folder: string, device: string, chip: string): string => `${folder}/uart-${device}-${chip}`;

export const airOf = ({ air }: HomeDevice): readonly Chosen<AirChipName>[] => (Array.isArray(air) ? air : [air]);

/** Throws SettingsError naming file, line, key and what would be right. */
export function parseRig(text: string, file: string): Rig {
  const rig = parseSettings(text, file, RigFile);
  const seen = new Set<string>();
  for (const [board, { name, devices: own }] of rig.boards.entries()) {
    for (const [device, one] of own.entries()) {
      const path = ['boards', board, 'devices', device];
      if (seen.has(one.id))
        throw mistakeAt(text, file, [...path, 'id'], `'${one.id}' is there twice: an identity names one device for ever, choose another`);
      seen.add(one.id);
      if (one.kind === 'shutter' && one.led === undefined && one.servo === undefined)
        throw mistakeAt(text, file, path, `'${one.id}' needs a light (led: PIN), a cover (servo: PIN), or both`);
      if (needsCalibration(one))
        throw mistakeAt(
          text,
          file,
          path,
          `'${one.id}' needs a calibration (zeroCounts, countsPerKg, date): its ${one.loadCell.chip} gives counts, not kilograms`,
        );
    }
    if (rig.boards.findIndex((other) => other.name === name) !== board)
      throw mistakeAt(text, file, ['boards', board, 'name'], `board '${name}' is there twice: each needs a name of its own`);
  }
  return rig;
}

/** An instrument gives masses, and so does a sketch whose unit is known. */
const needsCalibration = (device: RigDevice): device is ScaleDevice | BedDevice =>
  (device.kind === 'scale' || device.kind === 'bed') &&
  device.calibration === undefined &&
  device.loadCell.chip !== 'mt-sics' &&
  device.loadCell.unit === undefined;
