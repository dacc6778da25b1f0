/** A target for each entry of the configuration. Secrets are read from files of their own, never from the configuration. */
import { readFileSync } from 'node:fs';
import { createHttpClient } from './http.ts';
import type { Operation } from './ledger.ts';
import { regionOfHost } from './place.ts';
import { AT_HOME } from './residency.ts';
import type { TargetPlace } from './settings.ts';
import { type Target, TargetError } from './target.ts';
import { edgeTarget } from './targets/edge.ts';
import { fileTarget } from './targets/file.ts';
import { influxTarget } from './targets/influx.ts';
import { mqttTarget } from './targets/mqtt.ts';
import { webhookTarget } from './targets/webhook.ts';

/** A year of a home's minutes in one file of lines. */
const FILE_MB = 200;
const FILES_KEPT = 10;

export type Log = (kind: Operation['kind'], target: string, message: string) => void;

/** The hub's own edge: enrolled by a code that the hub asks for itself, since it runs it. */
export function embeddedEdge(
  name: string,
  region: string,
  folder: string,
  { url, token }: { url: string; token: string },
  log: Log,
  now: () => number,
): Target {
  return edgeTarget({
    name,
    region,
    url: () => new URL(`${url}/`),
    folder: `${folder}/edges/${name}`,
    token,
    async code(signal) {
      using http = createHttpClient();
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await http.send('POST', new URL('v1/codes', `${url}/`), headers, Buffer.from('{"hub":"hub"}'), signal);
      if (answer.status !== 201) throw new TargetError('away', `the edge gave no code: ${answer.status}`);
      return (JSON.parse(answer.body.toString('utf8')) as { code: string }).code;
    },
    onEnrolled: (how, { region }) => log(how, name, `an edge in ${region}`),
    now,
  });
}

export function openTarget(settings: TargetPlace, folder: string, log: Log, now: () => number): Target {
  const { name, url = '', code, codeFile } = settings;
  const region = settings.region ?? (settings.target === 'file' ? AT_HOME : regionOfHost(new URL(url).hostname));
  switch (settings.target) {
    case 'edge':
      return edgeTarget({
        name,
        region,
        url: () => new URL(url.endsWith('/') ? url : `${url}/`),
        folder: `${folder}/edges/${name}`,
        async code() {
          if (code !== undefined) return code;
          if (codeFile !== undefined) return secretOf(codeFile);
          throw new TargetError(
            'refused',
            `this hub is not enrolled at ${url}: ask the edge's operator for a code and add the target with it`,
          );
        },
        onEnrolled: (how, to) => log(how, name, `${url} in ${to.region}, as hub '${to.hub}'`),
        now,
      });
    case 'mqtt': {
      const { username, passwordFile, prefix = 'hearth' } = settings;
      const password = (): string | undefined => (passwordFile === undefined ? undefined : secretOf(passwordFile));
      return mqttTarget({ name, region, url: new URL(url), username, password, prefix });
    }
    case 'influx': {
      const { org = '', bucket = '', tokenFile = '' } = settings;
      return influxTarget({ name, region, url: new URL(url), org, bucket, token: () => secretOf(tokenFile) });
    }
    case 'webhook': {
      const { secretFile = '' } = settings;
      return webhookTarget({ name, region, url: new URL(url), secret: () => secretOf(secretFile), now });
    }
    case 'file': {
      const { folder: to = '', mostMb = FILE_MB, keep = FILES_KEPT } = settings;
      return fileTarget({ name, region, folder: to, mostBytes: mostMb * 1_000_000, keep });
    }
  }
}

/** A secret of a file. Throws TargetError when it is not there. */
export function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new TargetError('refused', `the secret ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
