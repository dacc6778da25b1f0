/** Commits to the vault of the folder it is given until it is killed, and says what is on disk, row by row. Run by killed.test.ts. */
import { openStore } from '../../../hub/store/store.ts';

const [folder = '', seed = '1'] = process.argv.slice(2);
const vault = openStore(folder).vault('home');
let sequence = vault.lasts()[0]?.sequence ?? 0;
const rowsOf = (count: number) =>
  Array.from({ length: count }, () => {
    sequence++;
    return {
      device: 'air-1',
      boot: 7,
      sequence,
      code: 97,
      value: 20 + (sequence % 90) / 10,
      endUtcMs: 1_795_000_000_000 + sequence * 1000,
      spanMs: 0,
      timeQuality: 'synced',
    } as const;
  });
process.stdout.write('ready\n');
for (let round = Number(seed); ; round++) {
  const rows = rowsOf(1 + ((round * 7919) % 900));
  const [first] = await vault.commit(rows);
  process.stdout.write(`${rows.at(-1)!.sequence}\n`);
  if (round % 5 === 0 && first !== undefined) {
    await vault.amend(first.seq, 42, 'person:ada');
    process.stdout.write(`amended ${first.seq}\n`);
  }
}
