#!/usr/bin/env node
// `hearth`: the command line of the hub, under a Node that runs TypeScript. Plain JavaScript, as the launcher.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeForTypeScript } from './node-for-typescript.mjs';

const program = fileURLToPath(new URL('../../hub/cli/main.ts', import.meta.url));
const { status } = spawnSync(nodeForTypeScript(), ['--disable-warning=ExperimentalWarning', program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)), ...process.env },
});
process.exit(status ?? 1);
