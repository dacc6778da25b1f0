/** Opens the store of a folder as the hub does when it starts, in a process of its own, and says how long and how large that was. */
const start = performance.now();
const { openStore } = await import('../../../hub/store/store.ts');
const imported = performance.now();
const [folder] = process.argv.slice(2);
const store = openStore(folder);
const vault = store.vault('home');
vault.latest();
vault.count();
const toMs = vault.latest()[0].end;
vault.series({ quantity: 'co2', fromMs: toMs - 3652 * 86_400_000, toMs, points: 300 });
const openMs = performance.now() - imported;
console.log(JSON.stringify({ openMs, importMs: imported - start, residentMb: process.memoryUsage.rss() / 2 ** 20 }));
store[Symbol.dispose]();
