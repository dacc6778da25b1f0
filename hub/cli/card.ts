/** `hearth card`: a picture of chosen values, as an SVG file. */
import { writeFileSync } from 'node:fs';
import type { MeasurementJson } from '../store/measurement-json.ts';
import { cardSvg } from '../web/page/card-svg.ts';
import { labelWord, unitWord } from '../web/page/words.ts';
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

export function cardCommand({ program, client, show }: CommandLine): void {
  const card = program.command('card').description('a picture of chosen values, to share yourself');
  card
    .argument('<quantity...>', 'what is on it, such as weight steps; see hearth latest')
    .option('--title <words>', 'its title', 'Today')
    .option('--note <words>', 'a line below', '')
    .option('--output <file>', 'file instead of standard output')
    .action(async (wanted: string[], { title, note, output }: { title: string; note: string; output?: string }) => {
      const latest = (await client().get('/api/v1/latest')) as MeasurementJson[];
      const values = wanted.map((quantity) => {
        const found = latest.filter((one) => one.quantity === quantity).sort((a, b) => Date.parse(b.end) - Date.parse(a.end))[0];
        if (found === undefined) throw new CliError(exitCodes.refused, `there is no value of '${quantity}': see hearth latest`);
        return { label: labelWord(found.label), value: String(found.value), unit: unitWord(found.unit) };
      });
      const svg = cardSvg({ title, note, values });
      if (output === undefined) process.stdout.write(svg);
      else {
        writeFileSync(output, svg, { mode: 0o600 });
        show({ output }, () => `${output}: who you give it to keeps it under their own rules`);
      }
    });
}
