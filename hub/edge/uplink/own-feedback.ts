/**
 * Takes what is told to a camera (RFC 4585, 4.2: of lost packets, lost pictures and arrivals) away from the engine, which does it by what
 * an offer says of a codec, while the camera still reads in the answer that all of it is done.
 */

const FEEDBACK = /^a=rtcp-fb:(\d+) (.*?)\r?\n/gm;
const DONE_HERE: readonly string[] = ['nack', 'nack pli', 'transport-cc'];

export const ownFeedback = {
  /** The offer as the engine is to see it. */
  inOffer: (offer: string): string => offer.replaceAll(FEEDBACK, ''),
  /** The engine's answer as the camera is to see it: with what was offered of each codec and is done here. */
  inAnswer(answer: string, offer: string): string {
    const offered = [...offer.matchAll(FEEDBACK)].filter(([, , what]) => DONE_HERE.includes(what!));
    return answer.replaceAll(/^a=rtpmap:(\d+) .*\r?\n/gm, (line: string, type: string) =>
      offered.reduce((lines, [feedback, of]) => (of === type ? lines + feedback : lines), line),
    );
  },
} as const;
