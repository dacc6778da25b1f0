import { Refusal } from '../ops/refusal.ts';
import type { createWebServer } from './server.ts';

/** Lets the page be reached. Resolves with the port, chosen by the system where 0 was asked for. Rejects with Refusal when it cannot be had. */
export async function listen(web: Awaited<ReturnType<typeof createWebServer>>, host: string, port: number): Promise<number> {
  try {
    await web.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE')
      throw new Refusal(`port ${port} is taken by another program: stop it, or choose another with 'npm start -- --port ${port + 1}'`);
    if (code === 'EACCES')
      throw new Refusal(`port ${port} needs rights that you do not have: choose one above 1023 with 'npm start -- --port 8080'`);
    throw error;
  }
  const address = web.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
