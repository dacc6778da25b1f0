import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { createH4Reader } from '../../../../hardware/virtual/radio/h4.ts';
import { field } from '../../../../hardware/virtual/radio/hci.ts';
import { createVirtualRadio } from '../../../../hardware/virtual/radio/radio.ts';

/** BTHome v2: 25.06 degrees, 50.55 %, the example of its format page. */
const BTHOME = Buffer.from('40 02 ca 09 03 bf 13'.replaceAll(' ', ''), 'hex');

/** The libraries' promises need not settle when an answer is lost on a busy machine: what takes longer is begun anew, as the hub does. */
const ATTEMPTS = 4;
const WITHIN_MS = 15_000;

/** What a central heard and read, by its words; undefined when it heard not all of it in time. */
async function listen(folder: string): Promise<ReadonlyMap<string, unknown> | undefined> {
  const radio = createVirtualRadio();
  radio.openPort(`${folder}/hub`, 'C0:FF:EE:00:00:01');
  radio.openPort(`${folder}/scale`, '00:24:E4:11:22:33');
  radio.air.beacon({
    address: 'A4:C1:38:00:00:09',
    intervalMs: 50,
    data: () => Uint8Array.from([...field(0x01, Uint8Array.of(6)), ...field(0x16, Uint8Array.from([0xd2, 0xfc, ...BTHOME]))]),
  });
  const run = (file: string, port: string) => {
    const program = fileURLToPath(new URL(file, import.meta.url));
    const args = [
      '-u',
      'NODE_OPTIONS',
      `BLUETOOTH_HCI_SOCKET_UART_PORT=${port}`,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      program,
    ];
    return spawn('env', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const children = [run('peripheral.ts', `${folder}/scale`), run('central.ts', `${folder}/hub`)] as const;
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  const late = setTimeout(end, WITHIN_MS);
  const heard = new Map<string, unknown>();
  // Ends with the central, whose end the deadline brings.
  for await (const line of createInterface({ input: children[1].stdout })) {
    const { word, value } = JSON.parse(line) as { word: string; value: unknown };
    heard.set(word, value);
    if (heard.size === 3) break;
  }
  clearTimeout(late);
  end();
  radio[Symbol.dispose]();
  return heard.size === 3 ? heard : undefined;
}

t.test('the real noble and the real bleno talk over the virtual radio: a beacon heard, a weight scale read and indicated', async (t) => {
  let heard: ReadonlyMap<string, unknown> | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && heard === undefined; attempt++) heard = await listen(t.testdir({}));
  t.match(heard?.get('beacon'), { address: 'a4:c1:38:00:00:09', data: BTHOME.toString('hex') });
  t.equal(heard?.get('feature'), '39000000', 'time stamps, and steps of 5 g');
  t.equal(Number(heard?.get('weight')).toFixed(2), '72.35');
});

t.test('packets are read out of a byte stream however it is cut, and a stray byte is skipped', async (t) => {
  const reset = Uint8Array.of(1, 0x03, 0x0c, 0);
  const acl = Uint8Array.of(2, 0x40, 0x20, 3, 0, 7, 8, 9);
  const stream = Uint8Array.from([0xff, ...reset, ...acl, ...reset]);
  for (let cut = 1; cut < stream.length; cut++) {
    const read = createH4Reader();
    const packets = [...read(stream.subarray(0, cut)), ...read(stream.subarray(cut))];
    t.same(
      packets.map((packet) => [...packet]),
      [[...reset], [...acl], [...reset]],
    );
  }
});
