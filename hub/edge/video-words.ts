/** What the video routes do, for the edge's OpenAPI document: they speak SDP and trickle ICE, which no schema says. */
export const videoWords: Readonly<Record<string, string>> = {
  'POST /v1/video/:camera/tokens': 'A token of one use, to publish a camera or to watch it',
  'GET /v1/video/:camera': 'What comes from a camera, and who watches',
  'GET /v1/video/:camera/sessions': 'Sessions of a camera that ended, each signed',
  'DELETE /v1/video/:camera': 'Ends a camera’s publisher and all who watch',
  'DELETE /v1/video/:camera/viewers/:id': 'Ends one who watches',
  'POST /v1/whip/:camera': 'Publishes a camera: an SDP offer in, an answer out (WHIP, RFC 9725)',
  'PATCH /v1/whip/:camera/:id': 'Trickle ICE (RFC 8840) or an ICE restart of a publisher, for the ICE session of If-Match',
  'DELETE /v1/whip/:camera/:id': 'Ends a publisher',
  'OPTIONS /v1/whip/:camera': 'What a publisher may send, and the ICE servers for a token that waits',
  'POST /v1/whep/:camera': 'Watches a camera: an SDP offer in, an answer out (WHEP)',
  'PATCH /v1/whep/:camera/:id': 'Trickle ICE or an ICE restart of a viewer',
  'DELETE /v1/whep/:camera/:id': 'Ends a viewer',
  'OPTIONS /v1/whep/:camera': 'What a viewer may send, and the ICE servers for a token that waits',
};
