/**
 * H.264 from a camera's program as whole pictures (access units, ITU-T H.264 7.4.1.2.3) in Annex B form, parameter sets before each key
 * frame: a viewer that joins later has seen no others.
 */

export interface AccessUnit {
  /** NAL units, each after a start code. */
  readonly bytes: Buffer;
  /** Presentation time of the camera, ms from an arbitrary zero. */
  readonly atMs: number;
  readonly isKey: boolean;
}

/** ITU-T H.264, table 7-1. */
export const nalTypes = { slice: 1, partitionC: 4, idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9 } as const;
export const nalTypeOf = (header: number): number => header & 0x1f;

/** A raw picture of 1080p, which no encoded one reaches. */
export const MOST_UNIT_BYTES = 4 * 1024 * 1024;
