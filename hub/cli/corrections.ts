/** `hearth corrections`: by what the values of sensors are corrected as they come, and setting it; `hearth recalibrate`: a CO2 sensor in known air. */
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface Correction {
  readonly device: string;
  readonly quantity: string;
  readonly words: string;
  readonly origin: 'file' | 'page';
}

export function correctionCommands({ program, client, show, table, withJson }: CommandLine): void {
  const corrections = program.command('corrections').description('what a sensor says put right as it comes, the same on every output');
  const tell = (list: unknown): void =>
    show(list, () =>
      (list as Correction[]).length === 0
        ? 'none'
        : table(
            (list as Correction[]).map(({ device, quantity, words, origin }) => [
              device,
              quantity,
              words,
              origin === 'file' ? 'hearth.yaml' : '',
            ]),
          ),
    );
  const path = (device: string, quantity: string): string =>
    `/api/v1/devices/${encodeURIComponent(device)}/corrections/${encodeURIComponent(quantity)}`;

  withJson(corrections.command('list', { isDefault: true }).description('those that hold now')).action(async () =>
    tell(await client().get('/api/v1/corrections')),
  );
  withJson(
    corrections
      .command('set')
      .description('correct a quantity of a device from now on; what it said is kept as …_uncorrected')
      .argument('<device>', 'its id, see hearth devices')
      .argument('<quantity>', 'like temperature, co2, pm2_5')
      .option('--offset <amount>', 'added to what it says, in the unit of the quantity; below nothing as --offset=-1.5')
      .option('--epa-humidity', 'PM2.5 of a Plantower in moist air, as the US EPA does'),
  ).action(async (device: string, quantity: string, { offset, epaHumidity }: { offset?: string; epaHumidity?: true }) => {
    if ((offset === undefined) === (epaHumidity === undefined))
      throw new CliError(exitCodes.usage, 'say how: --offset AMOUNT, or --epa-humidity');
    const amount = Number(offset);
    if (offset !== undefined && (offset.trim() === '' || !Number.isFinite(amount)))
      throw new CliError(exitCodes.usage, `'${offset}' is no offset: write a number, like --offset=-1.5`);
    tell(await client().put(path(device, quantity), offset === undefined ? { by: 'epa-humidity' } : { by: 'offset', offset: amount }));
  });
  withJson(corrections.command('remove').description('show what it says as it says it').argument('<device>').argument('<quantity>')).action(
    async (device: string, quantity: string) => tell(await client().delete(path(device, quantity))),
  );

  withJson(
    program
      .command('recalibrate')
      .description('have a CO2 sensor take the air around it for known, after three minutes in it; see hearth devices for what came of it')
      .argument('<device>', 'its id, see hearth devices')
      .option('--co2 <ppm>', 'what the air holds; outdoors', '420'),
  ).action(async (device: string, { co2 }: { co2: string }) => {
    const co2Ppm = Number(co2);
    if (!(co2Ppm >= 400 && co2Ppm <= 2000)) throw new CliError(exitCodes.usage, `'${co2}' is no CO2 of air: write 400 to 2000, in ppm`);
    const answer = await client().post(`/api/v1/devices/${encodeURIComponent(device)}/recalibrate`, { co2Ppm });
    show(answer, () => `${device} was told: ${co2Ppm} ppm`);
  });
}
