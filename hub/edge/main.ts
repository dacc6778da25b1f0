/**
 * The embedded edge as a program, on loopback only. Settings by environment: HEARTH_EDGE_DIR, HEARTH_EDGE_TOKEN, HEARTH_EDGE_PORT
 * (0: any), HEARTH_EDGE_REGION. Says `{"listening": port}` once it is ready.
 */
import type { AddressInfo } from 'node:net';
import { createEdge } from './server.ts';

const {
  HEARTH_EDGE_DIR: folder,
  HEARTH_EDGE_TOKEN: token,
  HEARTH_EDGE_PORT: port = '0',
  HEARTH_EDGE_REGION: region = 'home',
} = process.env;
if (folder === undefined || token === undefined || token.length < 20) {
  console.error('HEARTH_EDGE_DIR (a folder) and HEARTH_EDGE_TOKEN (20 characters or more) are needed');
  process.exit(2);
}
const edge = await createEdge({ folder, token, region });
await edge.listen({ host: '127.0.0.1', port: Number(port) });
console.log(JSON.stringify({ listening: (edge.server.address() as AddressInfo).port }));
const stop = async (): Promise<void> => {
  await edge.close();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
