/** Points of time as ISO 8601 text, for millions of them: those of a day share its date. */

const DAY_MS = 86_400_000;
const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const three = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));
let known = { day: Number.NaN, text: '' };

/** As `Date.prototype.toISOString` says it, some times faster for times that follow upon one another. Throws RangeError where that does. */
export function isoTime(ms: number): string {
  const whole = Math.trunc(ms);
  const day = Math.floor(whole / DAY_MS);
  if (day !== known.day) known = { day, text: new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length) };
  const rest = whole - day * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${known.text}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}.${three[rest % 1000]}Z`;
}

/** Texts that come again and again, each made once. Emptied when there are too many: a log may have thousands of devices. */
export function remembered(make: (text: string) => string): (text: string) => string {
  const MOST = 1000;
  const made = new Map<string, string>();
  return (text) => {
    const before = made.get(text);
    if (before !== undefined) return before;
    if (made.size >= MOST) made.clear();
    const after = make(text);
    made.set(text, after);
    return after;
  };
}
