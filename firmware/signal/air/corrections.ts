/** Named corrections of a raw air value, so that every output shows the same one and says which. */

export type Correction =
  | { readonly kind: 'none' }
  /** Added to the value. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** Of PM2.5 by humidity, for Plantower sensors. */
  | { readonly kind: 'epa-humidity' };

/** What a correction needs beside the value. */
export interface Surroundings {
  /** Relative, %. */
  readonly humidity?: number;
}

/** Undefined when the correction needs what is not known, or was given what no sensor measures (a humidity beyond 0 to 100 %). */
export function corrected(value: number, correction: Correction, { humidity }: Surroundings = {}): number | undefined {
  switch (correction.kind) {
    case 'none':
      return value;
    case 'offset':
      return Math.max(0, value + correction.offset);
    case 'epa-humidity':
      return humidity !== undefined && humidity >= 0 && humidity <= 100 ? epaPm25(value, humidity) : undefined;
  }
}

/**
 * PM2.5 of a Plantower sensor (its CF=1 output, ug/m3), corrected for humidity as the US EPA does for its Fire and Smoke Map:
 * Barkjohn et al., Atmos. Meas. Tech. 14 (2021) 4617, made whole for thick smoke in Sensors 22 (2022) 9669. RMSE against reference
 * monitors falls from 8 to 3 ug/m3. Never below nothing.
 */
export function epaPm25(cf1UgM3: number, humidityPercent: number): number {
  const thin = (x: number): number => 0.524 * x - 0.0862 * humidityPercent + 5.75;
  const thick = (x: number): number => 4.21e-4 * x * x + 0.392 * x + 3.44;
  if (cf1UgM3 < 570) return Math.max(0, thin(cf1UgM3));
  if (cf1UgM3 >= 611) return thick(cf1UgM3);
  const part = 0.0244 * cf1UgM3 - 13.9;
  return part * thick(cf1UgM3) + (1 - part) * thin(cf1UgM3);
}
