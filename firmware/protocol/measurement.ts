import type { QuantityId } from './quantities.ts';
import type { MonotonicMs, TimeQuality, UtcMs } from './time.ts';

/** A device by identity (`scale-8f3a`, `ble:a4c138…`), never by port name. */
export type DeviceId = string;

/**
 * What makes a measurement itself: the device, its boot and the number it gave within that boot. A measurement that
 * arrives again with the same identity changes nothing (acknowledge-after-commit makes re-sending safe).
 */
export interface MeasurementIdentity {
  readonly device: DeviceId;
  /** Random 32-bit number the device drew when it started. */
  readonly boot: number;
  /** 32-bit, counts up from 1 within the boot: one number for each measurement. */
  readonly sequence: number;
}

/** A value as a device reports it: in the quantity's unit, dated by the device's own monotonic clock. */
export interface Reading {
  readonly quantity: QuantityId;
  readonly value: number;
  /** Monotonic time of the device at the end of the span. */
  readonly at: MonotonicMs;
  /** Length of the span that ends at `at`; 0 for an instant. */
  readonly spanMs: number;
}

/** Why a value is kept but not trusted. */
export type Flag = 'ok' | 'implausible';

/** A value of a quantity over a time span, from a device, dated in UTC. The subject is the vault it lies in. */
export interface Measurement extends MeasurementIdentity {
  readonly quantity: QuantityId;
  readonly value: number;
  readonly start: UtcMs;
  readonly end: UtcMs;
  readonly timeQuality: TimeQuality;
  readonly flag: Flag;
}
