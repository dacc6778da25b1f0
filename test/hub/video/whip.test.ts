import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { parseIceLinks, writeIceLink } from '../../../hub/video/ice-links.ts';
import { wantsKeyFrame } from '../../../hub/video/rtcp.ts';
import { iceOf, parseSdpFragment, type SdpFragment, writeSdpFragment } from '../../../hub/video/sdp-fragment.ts';
import { openSession, type WhipError } from '../../../hub/video/whip.ts';
import fc from '../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../vectors.ts';

interface WhipCase {
  readonly id: string;
  readonly sdpfrag?: string;
  readonly sdp?: string;
  readonly header?: string;
  readonly expect?: SdpFragment;
}
interface RtcpCases {
  readonly packets_hex: Record<string, string>;
}

t.test('recorded fragments are read as written down, and written as they were read', { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ cases: WhipCase[] }>('8-protocols/whip.mediamtx-eyevinn.json');
  const fragments = cases.filter(({ sdpfrag }) => sdpfrag !== undefined);
  t.ok(fragments.length > 0);
  for (const { id, sdpfrag, expect } of fragments) {
    const parsed = parseSdpFragment(sdpfrag!);
    t.same(parsed, expect, id);
    t.equal(writeSdpFragment(parsed!), sdpfrag, `${id}: back`);
  }
});

t.test('a whole SDP is no fragment, whoever made it', { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ cases: { id: string; sdp: string }[] }>('8-protocols/sdp-corpus.sdp-transform.json');
  for (const { id, sdp } of cases) t.equal(parseSdpFragment(sdp), undefined, id);
});

t.test(
  'a viewer that lost its picture is heard, other reports are not, and no packet crashes the sender',
  { skip: skipWithoutVectors },
  async (t) => {
    const { packets_hex: packets } = readVectorJson<RtcpCases>('8-protocols/rtp-rtcp-sctp.aiortc.json');
    for (const [name, hex] of Object.entries(packets)) t.equal(wantsKeyFrame(Buffer.from(hex, 'hex')), name === 'rtcp_psfb_pli.bin', name);
    const compound = Buffer.concat(['rtcp_rr.bin', 'rtcp_psfb_pli.bin'].map((name) => Buffer.from(packets[name]!, 'hex')));
    t.ok(wantsKeyFrame(compound), 'also after another report in the same packet');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof wantsKeyFrame(bytes) === 'boolean'));
  },
);

t.test('fragments: any that can be written is read back; what is none gives nothing; candidates come with their media', async (t) => {
  const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const value = fc.stringMatching(/^[ -~]{0,30}$/);
  const attributes = fc.array(fc.tuple(word, value), { maxLength: 5 });
  const media = fc.record({
    media: word,
    port: fc.integer({ min: 0, max: 65_535 }),
    protos: fc.array(word, { minLength: 1, maxLength: 4 }),
    formats: fc.array(word, { maxLength: 4 }),
    attributes,
  });
  const fragment = fc.record({ attributes, medias: fc.array(media, { minLength: 1, maxLength: 3 }) });
  fc.assert(
    fc.property(fragment, (one) => t.same(parseSdpFragment(writeSdpFragment(one)), one)),
    { numRuns: 50 },
  );
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => parseSdpFragment(text) !== null));
  for (const text of ['', 'hello', 'm=video', 'a=', 'm=video 70000 UDP 0', 'a=x\n'.repeat(1001)])
    t.equal(parseSdpFragment(text), undefined, text.slice(0, 20));
  const ice = iceOf(
    parseSdpFragment(
      'a=ice-ufrag:u\r\na=ice-pwd:p\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\na=candidate:1 1 udp 5 10.0.0.1 9 typ host\r\n',
    )!,
  );
  t.same(ice, { ufrag: 'u', pwd: 'p', candidates: [{ candidate: 'candidate:1 1 udp 5 10.0.0.1 9 typ host', mid: '1' }] });
});

t.test('ICE servers are read from Link headers as RFC 9725 writes them; anything else in them is left out', async (t) => {
  t.same(
    parseIceLinks(
      '<stun:stun.example.net>; rel="ice-server", <turn:turn.example.net?transport=udp>; rel="ice-server"; username="user"; credential="my,pass\\"word"; credential-type="password", </next>; rel=next, <turn:no-secret>; rel="ice-server"',
    ),
    [{ url: 'stun:stun.example.net' }, { url: 'turn:turn.example.net?transport=udp', username: 'user', credential: 'my,pass"word' }],
  );
  const server = fc.record({ url: fc.constant('turns:t.example:443?transport=tcp'), username: fc.string(), credential: fc.string() });
  fc.assert(
    fc.property(fc.array(server, { maxLength: 5 }), (servers) => t.same(parseIceLinks(servers.map(writeIceLink).join(', ')), servers)),
    {
      numRuns: 50,
    },
  );
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (header) => Array.isArray(parseIceLinks(header))));
});

/** A WHIP server that answers as it is told, and remembers what it was asked. */
async function serve(t: Test, answer: RequestListener) {
  const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      asked.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
const OFFER = 'v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efgh\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n';
const failure = async (promise: Promise<unknown>): Promise<WhipError> =>
  promise.then(
    () => Promise.reject(new Error('it was taken')),
    (error) => error as WhipError,
  );

t.test('a session: bearer token, answer, ICE servers, a late candidate by PATCH with the entity tag, DELETE at the end', async (t) => {
  const { url, asked } = await serve(t, ({ method }, response) => {
    if (method === 'POST')
      response
        .writeHead(201, {
          location: '/resource/1',
          etag: '"e1"',
          link: '<stun:s.example>; rel="ice-server"',
          'content-type': 'application/sdp',
        })
        .end('v=0\r\nanswer');
    else response.writeHead(method === 'PATCH' ? 204 : 200).end();
  });
  const session = await openSession({ url: `${url}/whip`, token: 'secret' }, OFFER);
  t.equal(session.answer, 'v=0\r\nanswer');
  t.same(session.iceServers, [{ url: 'stun:s.example' }]);
  await session.trickle(OFFER, 'candidate:1 1 udp 5 10.0.0.1 9 typ host');
  await session.remove();
  t.same(
    asked.map(({ method, url: path }) => `${method} ${path}`),
    ['POST /whip', 'PATCH /resource/1', 'DELETE /resource/1'],
  );
  t.ok(asked.every(({ headers }) => headers.authorization === 'Bearer secret'));
  t.equal(asked[1]!.headers['if-match'], '"e1"');
  t.same(iceOf(parseSdpFragment(asked[1]!.body)!), {
    ufrag: 'abcd',
    pwd: 'efgh',
    candidates: [{ candidate: 'candidate:1 1 udp 5 10.0.0.1 9 typ host', mid: '0' }],
  });
});

t.test('ICE begun anew: credentials and candidates by PATCH for any ICE session; what follows is of the new one', async (t) => {
  let isRefusing = false;
  const fragment =
    'a=ice-ufrag:srv2\r\na=ice-pwd:srvpwd2\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:2 1 udp 5 10.0.0.2 9 typ host\r\n';
  const { url, asked } = await serve(t, ({ method, headers }, response) => {
    const answer =
      'v=0\r\no=- 7 1 IN IP4 0.0.0.0\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-ufrag:srv1\r\na=ice-pwd:srvpwd1\r\na=candidate:1 1 udp 5 10.0.0.1 9 typ host\r\n';
    if (method === 'POST') response.writeHead(201, { location: '/r', etag: '"e1"' }).end(answer);
    else if (headers['if-match'] !== '"*"') response.writeHead(204).end();
    else if (isRefusing) response.writeHead(422).end();
    else response.writeHead(200, { etag: '"e2"', 'content-type': 'application/trickle-ice-sdpfrag' }).end(fragment);
  });
  const session = await openSession({ url, token: 'secret' }, OFFER);
  const again = `${OFFER.replace('abcd', 'ijkl')}a=candidate:3 1 udp 5 10.0.0.3 9 typ host\r\n`;
  const [answer] = await Promise.all([session.restart(again), session.trickle(again, 'candidate:4 1 udp 5 10.0.0.4 9 typ host')]);
  t.equal(
    answer,
    'v=0\r\no=- 7 2 IN IP4 0.0.0.0\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-ufrag:srv2\r\na=ice-pwd:srvpwd2\r\na=candidate:2 1 udp 5 10.0.0.2 9 typ host\r\n',
  );
  t.same(
    asked.slice(1).map(({ method, headers }) => `${method} ${headers['if-match']}`),
    ['PATCH "*"', 'PATCH "e2"'],
    'a candidate waits for the name of the ICE session that it is of',
  );
  t.same(iceOf(parseSdpFragment(asked[1]!.body)!), {
    ...{ ufrag: 'ijkl', pwd: 'efgh', candidates: [{ candidate: 'candidate:3 1 udp 5 10.0.0.3 9 typ host', mid: '0' }] },
  });
  isRefusing = true;
  t.equal(await session.restart(again), undefined);
});

t.test('a redirect is followed with the offer; another origin does not get the token; a circle ends', async (t) => {
  const there = await serve(t, (_request, response) => void response.writeHead(201, { location: '/r' }).end('v=0\r\n'));
  const here = await serve(t, ({ url }, response) => {
    const to = url === '/near' ? '/whip' : url === '/far' ? `${there.url}/whip` : url === '/round' ? '/round' : undefined;
    if (to === undefined) response.writeHead(201).end('v=0\r\n');
    else response.writeHead(307, { location: to }).end();
  });
  await openSession({ url: `${here.url}/near`, token: 'secret' }, OFFER);
  t.same([here.asked[1]!.url, here.asked[1]!.body, here.asked[1]!.headers.authorization], ['/whip', OFFER, 'Bearer secret']);
  const session = await openSession({ url: `${here.url}/far`, token: 'secret' }, OFFER);
  await session.remove();
  t.same(
    there.asked.map(({ headers }) => headers.authorization),
    [undefined, undefined],
  );
  t.match((await failure(openSession({ url: `${here.url}/round`, token: 'secret' }, OFFER))).message, /redirects more than 5 times/);
});

t.test('refusals are told apart: a token, a mistake, a server that is busy and says for how long, one that is gone', async (t) => {
  const answers: Record<string, [number, Record<string, string>, string]> = {
    '/401': [401, {}, '{"error":{"message":"this token was not used in time"}}'],
    '/404': [404, {}, 'not here'],
    '/503': [503, { 'retry-after': '7' }, ''],
    '/nonsense': [201, {}, '<html>'],
  };
  const { url } = await serve(t, (request, response) => {
    const [status, headers, body] = answers[request.url!]!;
    response.writeHead(status, headers).end(body);
  });
  const at = (path: string) => failure(openSession({ url: url + path, token: 'x' }, OFFER));
  t.match(await at('/401'), { kind: 'unauthorised', message: /401.*this token was not used in time/ });
  t.match(await at('/404'), { kind: 'refused', waitMs: 0 });
  t.match(await at('/503'), { kind: 'unreachable', waitMs: 7000 });
  t.match(await at('/nonsense'), { kind: 'refused', message: /without an SDP/ });
  t.match(await failure(openSession({ url: 'http://127.0.0.1:9/', token: 'x' }, OFFER)), { kind: 'unreachable' });
});
