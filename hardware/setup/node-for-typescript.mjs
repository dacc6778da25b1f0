// Which Node runs Hearth: the system's when it can, else the pinned one among the packages.
import * as crypto from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a Node that strips types and has argon2id. Ends the process with a sentence when there is none. */
export function nodeForTypeScript() {
  if (process.features.typescript && typeof crypto.argon2 === 'function') return process.execPath;
  const pinned = fileURLToPath(new URL(`../../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url));
  if (existsSync(pinned)) return pinned;
  console.error(`no Node of 24.7 or newer at ${pinned}: remove the folder node_modules and run npm start again`);
  process.exit(1);
}
