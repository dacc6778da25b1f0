/** Publishing by WHIP (RFC 9725): an offer is posted, the answer comes back, and the resource is deleted at the end. */

const ANSWER_WITHIN_MS = 5000;

export interface WhipEndpoint {
  readonly url: string;
  readonly token: string;
}

export interface WhipResource {
  readonly answer: string;
  /** Ends the session at the server; a server that is gone has ended it too. */
  remove(): Promise<void>;
}

/** Rejects when the server refuses or does not answer within 5 s. */
export async function publishOffer({ url, token }: WhipEndpoint, offer: string): Promise<WhipResource> {
  const authorization = `Bearer ${token}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization },
    body: offer,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`the edge refused the picture (${response.status})`);
  const location = response.headers.get('location');
  return {
    answer,
    async remove() {
      if (location === null) return;
      await fetch(new URL(location, url), {
        method: 'DELETE',
        headers: { authorization },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      }).catch(() => undefined);
    },
  };
}
