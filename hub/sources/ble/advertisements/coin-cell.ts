/**
 * Charge of a lithium coin cell (CR2032 and kin) from its voltage under a small load, as several makers' apps show it:
 * 3.0 V and above full, 2.6 V 60 %, 2.5 V 40 %, 2.45 V 20 %, below that empty.
 * Source: voltage curve of the ThermoBeacon and RuuviTag apps, as their users documented it.
 */
export function coinCellPercent(volts: number): number {
  if (volts >= 3) return 100;
  if (volts >= 2.6) return 60 + (volts - 2.6) * 100;
  if (volts >= 2.5) return 40 + (volts - 2.5) * 200;
  if (volts >= 2.45) return 20 + (volts - 2.45) * 400;
  return 0;
}
