/**
 * The page's files: TypeScript with its types stripped as it is served, and the two libraries it uses from node_modules.
 * Nothing is built, nothing comes from elsewhere; the content security policy makes sure.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.ts';
import type { Web } from './context.ts';
import { createTypeStripper } from './strip-types.ts';

const page = fileURLToPath(new URL('page/', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
/** Packages of the page's import map; no other part of node_modules is served. */
const vendors = ['lit', 'lit-html', 'lit-element', '@lit/reactive-element', 'uplot'];
const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/** Modules that the page begins with. */
const ENTRIES = ['/page/first-view.ts', '/page/app.ts'];

export function registerPage(web: Web): void {
  interface Loaded {
    readonly changedMs: number;
    readonly made: Promise<{ readonly body: Buffer; readonly tag: string }>;
  }
  const cache = new Map<string, Loaded>();
  const strip = createTypeStripper();
  const make = async (file: string): Promise<{ body: Buffer; tag: string }> => {
    const text = readFileSync(file, 'utf8');
    const body = Buffer.from(extname(file) === '.ts' ? await strip(text) : text);
    return { body, tag: tagOf(body) };
  };
  const load = (file: string): Loaded['made'] => {
    const changedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === undefined) throw new ApiError(404, 'not-found', 'There is no such file.', 'Load the page again.');
    const cached = cache.get(file);
    if (cached?.changedMs === changedMs) return cached.made;
    const made = make(file);
    made.catch(() => cache.delete(file));
    cache.set(file, { changedMs, made });
    return made;
  };
  const send = async (file: string, reply: FastifyReply, asked: string | undefined, keeping = 'no-cache'): Promise<FastifyReply> => {
    const type = types[extname(file)];
    if (type === undefined || file.includes('..')) throw new ApiError(404, 'not-found', 'There is no such file.', 'Load the page again.');
    const { body, tag } = await load(file);
    reply.header('etag', tag).header('cache-control', keeping).type(type);
    return asked === tag ? reply.code(304).send() : reply.send(body);
  };

  let version = versionNow();
  /** Paths of the modules that the page needs, which a browser would else find one after the other. Empty until they are all read once. */
  let needed: readonly string[] = [];
  const readNeeded = async (): Promise<void> => {
    const found = new Set(ENTRIES);
    for (const path of found) {
      const { body } = await load(`${page}${path.slice('/page/'.length)}`);
      for (const next of importsIn(body.toString(), path)) found.add(next);
    }
    needed = [...found];
  };

  web.get('/', { config: { access: 'anyone' }, schema: { hide: true } }, async (request, reply) => {
    version = versionNow();
    const html = (await load(`${page}index.html`)).body.toString().replaceAll(/"\/(?=(?:page|vendor)\/)/g, `"/v/${version}/`);
    // Nobody waits for it: the first to come makes it ready for the next.
    if (needed.length === 0) void readNeeded().catch(() => undefined);
    const links = needed.map((path) => `<link rel="modulepreload" fetchpriority="low" href="/v/${version}${path}">`).join('\n    ');
    const body = Buffer.from(html.replace('</head>', `  ${links}\n  </head>`));
    const tag = tagOf(body);
    reply.header('content-security-policy', policyFor(html)).header('etag', tag).header('cache-control', 'no-cache').type(types['.html']!);
    return request.headers['if-none-match'] === tag ? reply.code(304).send() : reply.send(body);
  });
  web.get<{ Params: { '*': string } }>('/page/*', { config: { access: 'anyone' }, schema: { hide: true } }, (request, reply) =>
    send(`${page}${request.params['*']}`, reply, request.headers['if-none-match']),
  );
  // What a version's address names never changes, so a browser that has it asks no more.
  web.get<{ Params: { version: string; kind: string; '*': string } }>(
    '/v/:version/:kind/*',
    { config: { access: 'anyone' }, schema: { hide: true } },
    async (request, reply) => {
      const { version: asked, kind, '*': path } = request.params;
      if (kind !== 'page' && !(kind === 'vendor' && vendors.some((vendor) => path.startsWith(`${vendor}/`))))
        throw new ApiError(404, 'not-found', 'There is no such file.', 'Load the page again.');
      const keeping = asked === version ? 'public, max-age=31536000, immutable' : 'no-cache';
      return send(`${kind === 'page' ? page : modules}${path}`, reply, request.headers['if-none-match'], keeping);
    },
  );
}

/** Of the page's files and of its libraries as they are now: another as soon as one of them changes. */
function versionNow(): string {
  const files = readdirSync(page, { recursive: true, encoding: 'utf8' }).map((name) => join(page, name));
  const all = [...files, ...vendors.map((vendor) => `${modules}${vendor}/package.json`)].map((file) => {
    const { mtimeMs, size } = statSync(file);
    return `${file} ${mtimeMs} ${size}`;
  });
  return createHash('sha256').update(all.sort().join('\n')).digest('hex').slice(0, 12);
}

const tagOf = (body: Buffer): string => `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"`;

/** Paths of the page's own modules that a module begins by importing; what it imports later, by `import()`, is not among them. */
export function importsIn(code: string, from: string): string[] {
  const found = code.matchAll(/^\s*(?:import|export)\b[^'"();]*?['"](\.{1,2}\/[^'"]+)['"]/gm);
  return [...found].map(([, path = '']) => new URL(path, `http://hub${from}`).pathname);
}

/** Scripts from here alone; the import map, which stands in the page, by its hash. */
function policyFor(html: string): string {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  const hash = createHash('sha256').update(map).digest('base64');
  return `default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
}
