// The parts of wrtc beyond the browser's own WebRTC, which its types do not declare for Node.
declare module 'wrtc' {
  interface VideoFrame420 {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8ClampedArray;
  }
  interface AudioData {
    /** 10 ms of it. */
    readonly samples: Int16Array;
    readonly sampleRate: number;
  }
  interface MediaTrack {
    stop(): void;
  }
  interface Connection {
    connectionState: 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
    iceGatheringState: 'new' | 'gathering' | 'complete';
    localDescription: { sdp: string } | null;
    onconnectionstatechange: (() => void) | null;
    onicegatheringstatechange: (() => void) | null;
    onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null;
    addTrack(track: MediaTrack): unknown;
    createOffer(options?: { iceRestart: boolean }): Promise<{ type: 'offer'; sdp: string }>;
    setLocalDescription(description: { type: 'offer'; sdp: string }): Promise<void>;
    setRemoteDescription(description: { type: 'answer'; sdp: string }): Promise<void>;
    getStats(): Promise<{ forEach(act: (row: { readonly type: string; readonly bytesReceived?: number }) => void): void }>;
    close(): void;
  }
  const wrtc: {
    RTCPeerConnection: new (config: { iceServers: { urls: string; username?: string; credential?: string }[] }) => Connection;
    nonstandard: {
      RTCVideoSource: new () => { createTrack(): MediaTrack; onFrame(frame: VideoFrame420): void };
      RTCAudioSource: new () => { createTrack(): MediaTrack; onData(data: AudioData): void };
    };
  };
  export default wrtc;
  export type { Connection, MediaTrack };
}
