/** A picture of values that a person chose (E6), as one SVG text: drawn on their own device, with nothing in it but what they chose. Pure. */

export interface CardValue {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
}
export interface CardText {
  readonly title: string;
  readonly note: string;
  readonly values: readonly CardValue[];
}

export const CARD = { width: 1080, height: 1080 } as const;
/** More are not read on a phone. */
export const MOST_VALUES = 4;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Text as XML takes it: no markup, no control characters and no code points that are none, and no longer than the picture is wide. */
const text = (words: string, most: number): string =>
  [...words.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}]/gu, ' ').trim()]
    .slice(0, most)
    .map((one) => escapes[one] ?? one)
    .join('');

/** The picture. It names no address, loads nothing, and says nothing of who, where or when but in the words that it was given. */
export function cardSvg({ title, note, values }: CardText): string {
  const shown = values.slice(0, MOST_VALUES);
  const rowHeight = 640 / Math.max(1, shown.length);
  const rows = shown.map(({ label, value, unit }, index) => {
    const y = 290 + index * rowHeight + rowHeight / 2;
    return `<text x="90" y="${y}" font-size="44" fill="#6b655c">${text(label, 28)}</text>
<text x="990" y="${y}" font-size="88" font-weight="600" fill="#1f1d1a" text-anchor="end">${text(value, 12)}<tspan font-size="40" font-weight="400" fill="#6b655c"> ${text(unit, 14)}</tspan></text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD.width}" height="${CARD.height}" viewBox="0 0 ${CARD.width} ${CARD.height}" font-family="system-ui, sans-serif" role="img">
<title>${text(title, 40)}</title>
<rect width="1080" height="1080" fill="#f5f3ef"/>
<rect x="50" y="50" width="980" height="980" rx="48" fill="#ffffff"/>
<text x="90" y="190" font-size="64" font-weight="600" fill="#1f1d1a">${text(title, 28)}</text>
${rows.join('\n')}
<text x="90" y="980" font-size="34" fill="#6b655c">${text(note, 56)}</text>
</svg>`;
}
