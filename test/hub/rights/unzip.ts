/** The files of a ZIP by name, for tests: small ones. */
import { openZip } from '../../../hub/rights/archive/read.ts';

export async function unzip(file: string): Promise<Map<string, Buffer>> {
  using zip = await openZip(file);
  const files = new Map<string, Buffer>();
  for (const name of zip.names) files.set(name, await zip.bytes(name, 1e8));
  return files;
}
