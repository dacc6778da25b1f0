/** What the system says about its own time. Pure: the words of timedatectl and chronyc in, facts out. */

export interface TimeState {
  /** `ntp`: a time server set it; `rtc`: a battery kept it; `system`: nobody says, and it looks right; `none`: not known. */
  readonly source: 'ntp' | 'rtc' | 'system' | 'none';
}

/** A clock before this Hearth was made is wrong. */
export const EARLIEST_SANE_MS = Date.UTC(2026, 0, 1);
/** A battery-backed clock that is this far from the system's was reset or is dead. */
const RTC_AGREES_MS = 86_400_000;

const propertiesOf = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );

/**
 * Reads `timedatectl show` (systemd 239 and later: properties as KEY=VALUE, times like `Tue 2026-11-24 20:35:36 UTC`). Undefined when the
 * text is something else, such as systemd's word that it does not run.
 */
export function parseTimedatectl(text: string): { isSynced: boolean; rtcMs: number | undefined } | undefined {
  const properties = propertiesOf(text);
  const synced = properties.get('NTPSynchronized');
  if (synced !== 'yes' && synced !== 'no') return undefined;
  // A weekday that Date.parse does not need; the RTC is said in the zone of the home.
  const rtcMs = Date.parse((properties.get('RTCTimeUSec') ?? '').replace(/^[A-Z][a-z]{2} (\d{4}-\d{2}-\d{2}) (\S+) .*$/, '$1T$2Z'));
  return { isSynced: synced === 'yes', rtcMs: Number.isFinite(rtcMs) ? rtcMs : undefined };
}

/**
 * Reads `chronyc -c tracking`: comma-separated reference, name, stratum, reference time, offsets, …, leap status last. Undefined when it
 * is something else.
 */
export function parseChronyTracking(text: string): { isSynced: boolean; offsetS: number } | undefined {
  const fields = text.trim().split(',');
  if (fields.length < 14) return undefined;
  const [stratum, offsetS] = [Number(fields[2]), Number(fields[4])];
  const leap = fields[13]!;
  if (!Number.isInteger(stratum) || !Number.isFinite(offsetS)) return undefined;
  // Stratum 0 is no server; 16 is a server without time (RFC 5905, 7.3). A machine that is told to serve its own clock (`local`) calls
  // itself 127.127.1.n: nobody set it.
  const isItsOwn = fields[0]!.toUpperCase().startsWith('7F7F01');
  return { isSynced: leap !== 'Not synchronised' && stratum > 0 && stratum < 16 && !isItsOwn, offsetS };
}

/** What is known, from the answers that came (undefined: that program is not there) and the system's time. */
export function timeStateOf(timedatectl: string | undefined, chrony: string | undefined, systemMs: number, lastKnownMs: number): TimeState {
  const told = timedatectl === undefined ? undefined : parseTimedatectl(timedatectl);
  const tracked = chrony === undefined ? undefined : parseChronyTracking(chrony);
  const looksRight = systemMs >= EARLIEST_SANE_MS && systemMs >= lastKnownMs;
  if (told?.isSynced === true || tracked?.isSynced === true) return { source: systemMs >= EARLIEST_SANE_MS ? 'ntp' : 'none' };
  if (told === undefined && tracked === undefined) return { source: looksRight ? 'system' : 'none' };
  const hasRtc = told?.rtcMs !== undefined && Math.abs(told.rtcMs - systemMs) < RTC_AGREES_MS;
  return { source: hasRtc && looksRight ? 'rtc' : 'none' };
}
