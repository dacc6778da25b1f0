/** {@link createUplink} on the embedded engine. */
import {
  GenericNack,
  type MediaStreamTrack,
  PictureLossIndication,
  type RTCRtpReceiver,
  RTP_EXTENSION_URI,
  type RtcpPacket,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
  type RtpPacket,
} from 'werift';
import { systemClock } from '../../../firmware/clock.ts';
import { SEND_CLOCK_MS } from './queue-delay.ts';
import { transportFeedback } from './transport-feedback.ts';
import { createUplink } from './uplink.ts';

export interface WeriftUplink {
  /** Asks the camera for a picture that a decoder can begin at. */
  askKeyFrame(): void;
  close(): void;
}

export interface WeriftUplinkOptions {
  readonly receiver: RTCRtpReceiver;
  readonly track: MediaStreamTrack;
  /** Is given each packet once, in order. */
  readonly forward: (packet: RtpPacket) => void;
  readonly onGap: () => void;
}

export function weriftUplink({ receiver, track, forward, onGap }: WeriftUplinkOptions): WeriftUplink {
  const { rtcpSsrc: senderSsrc } = receiver;
  const source = (): number => track.ssrc ?? 0;
  const send = (packet: RtcpPacket): void => void receiver.dtlsTransport.sendRtcp([packet]).catch(() => undefined);
  let round = 0;
  const uplink = createUplink<RtpPacket>({
    clock: systemClock,
    forward,
    onGap,
    askWhole: () => send(new RtcpPayloadSpecificFeedback({ feedback: new PictureLossIndication({ senderSsrc, mediaSsrc: source() }) })),
    ask: (sequences) =>
      send(new RtcpTransportLayerFeedback({ feedback: new GenericNack({ senderSsrc, mediaSourceSsrc: source(), lost: [...sequences] }) })),
    tell(arrivals, first) {
      const bytes = transportFeedback(arrivals, first, round++, senderSsrc, source());
      // The engine sends whatever can be written.
      send({ type: RtcpTransportLayerFeedback.type, serialize: () => bytes } as RtcpTransportLayerFeedback);
    },
  });
  track.onReceiveRtp.subscribe((packet, extensions) => {
    const numberOf = (uri: string): number | undefined => {
      const value = extensions?.[uri];
      return typeof value === 'number' ? value : undefined;
    };
    const sent = numberOf(RTP_EXTENSION_URI.absSendTime);
    uplink.take(packet, {
      sequence: packet.header.sequenceNumber,
      transport: numberOf(RTP_EXTENSION_URI.transportWideCC),
      sentMs: sent === undefined ? undefined : (sent * SEND_CLOCK_MS) / 2 ** 24,
    });
  });
  return { askKeyFrame: uplink.want, close: uplink.close };
}
