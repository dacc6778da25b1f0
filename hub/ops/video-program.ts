/**
 * The home camera as the hub keeps it: its program started, started again when it ends, given a token for each session, and stopped when
 * the household switches the camera off. Off means that no process runs which could open the camera.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { ViewSessions } from '../people/view-sessions.ts';
import type { Camera } from '../sources/camera.ts';
import type { Microphone } from '../sources/microphone.ts';
import { TargetError } from '../sync/target.ts';
import type { CameraState } from '../video/camera-state.ts';
import { openCameraSwitch } from '../video/camera-switch.ts';
import type { RecordedClip } from '../video/clip-recorder.ts';
import type { Clips } from '../video/clips.ts';
import { edgeVideo, type StreamOfCamera } from '../video/edge-video.ts';
import { saidIn } from '../video/program-said.ts';
import { gatedByRegion } from '../video/region-gate.ts';
import { startSessionKeeper } from '../video/session-keeper.ts';
import type { Shutter } from '../video/shutter.ts';
import { chosenEdge, type VideoEdge } from '../video/video-edge.ts';
import { openHomeMicrophone } from './home-microphone.ts';
import { type Supervised, supervise } from './supervise.ts';

/** Opens what goes through the edge: known to the hub and to those who may watch. */
export interface VideoSeal {
  readonly kid: string;
  /** 16 bytes, base64url. */
  readonly key: string;
}

export interface HomeVideo {
  readonly state: () => CameraState;
  readonly pid: () => number | undefined;
  /**
   * Resolves once no process is left that could see, and the edge forwards nothing more. Rejects when the disk did not take the switch:
   * the camera is off then, but may come back with the hub.
   */
  switchOff(by: string): Promise<void>;
  /** Resolves once the camera is being started. */
  switchOn(): Promise<void>;
  /** What the edge has of the camera, and who watches. */
  stream(): Promise<StreamOfCamera>;
  /** Fetches what the edge says of its sessions; they are in the household's list then. */
  lookAtSessions(): Promise<void>;
  /** With what viewers open the pictures; undefined where they are not sealed. Anew each time the camera is started. */
  seal(): VideoSeal | undefined;
  /** Whether clips or live sound are wanted may have changed: the camera's program is told now. */
  tellWishes(): void;
  /** On disk when this returns; off, its program is gone soon after. */
  setMicrophone(isOn: boolean, by: string): void;
  /** The cover or the light beside the camera said something new. */
  shutterChanged(): void;
  /** A token to watch by, once. Rejects with OutOfRegion where the edge's region must not have the video. */
  watchToken(viewer: string): Promise<string>;
  /** The edge through which it is shown now. */
  edge(): VideoEdge;
  /** Somebody chose another region: what must not go on ends, and goes on by the edge of that region where there is one. */
  regionChanged(): Promise<void>;
  readonly done: Promise<void>;
}

export interface HomeVideoOptions {
  readonly root: string;
  /** Where the switch is kept. */
  readonly data: string;
  readonly camera: Camera;
  /** Left out: the home has none. */
  readonly microphone?: Microphone;
  /** Whether who watches may hear the room now. Left out: nobody ever does. */
  readonly isSoundAgreed?: () => boolean;
  /** Asked now and then: the camera to change to; undefined while the present one stays. Left out: it always does. */
  readonly changed?: (present: Camera) => Camera | undefined;
  /** Of several, by the regions that the people who live here chose. */
  readonly edges: readonly [VideoEdge, ...VideoEdge[]];
  /** Where each session of the camera is kept for the household. */
  readonly sessions: Pick<ViewSessions, 'keep' | 'open'>;
  /** Why the home's video must not be at an edge of a region; undefined when it may, as it does unless told. */
  readonly outOfRegion?: (region: string) => string | undefined;
  readonly onRefused?: (message: string) => void;
  /** Whether pictures that the camera encoded itself are sealed before they go through an edge of that region. */
  readonly isSealed?: (region: string) => boolean;
  /** Where clips of events go; left out: none are recorded. */
  readonly clips?: Pick<Clips, 'place' | 'recorded'>;
  /** The cover and the light beside the camera, where the rig has them. */
  readonly shutter?: Shutter;
  readonly onChange: (state: CameraState) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const CAMERA = 'home';
/** One that was plugged in is seen within this. */
const LOOK_FOR_CAMERA_MS = 3000;
/** An objection, a yes that is taken back, or a disk that fills, is felt within this. */
const TELL_MS = 2000;

export function startHomeVideo(options: HomeVideoOptions): HomeVideo {
  const {
    root,
    data,
    microphone,
    isSoundAgreed = () => false,
    changed = () => undefined,
    edges,
    outOfRegion = () => undefined,
    onRefused = () => undefined,
    sessions,
    isSealed = () => false,
    clips,
    shutter,
    onChange,
    clock,
    signal,
  } = options;
  let { camera } = options;
  let edge = chosenEdge(edges, outOfRegion);
  const darkOf = ({ width, height, name }: Camera): CameraState => ({
    ...{ state: 'starting', fps: 0, width, height, message: '', name, region: edge.region, isRegionProven: edge.isProven },
  });
  let dark = darkOf(camera);
  const kept = openCameraSwitch(`${data}/camera.json`);
  const ears = openHomeMicrophone({
    microphone,
    file: `${data}/microphone.json`,
    mayBeLive: () => kept.state.kind === 'on' && isSoundAgreed(),
    now: () => clock.utc(),
  });
  const atEdge = gatedByRegion(
    edgeVideo(() => edge, CAMERA),
    () => outOfRegion(edge.region),
    onRefused,
  );
  const keeper = startSessionKeeper({ sessions: atEdge.sessions, kept: sessions, clock, signal });
  let state = dark;
  let tellClips = (): void => undefined;
  let tellMicrophone = (): void => undefined;
  const keepClip = ({ name: clip, beganMsAgo, lastsMs, pictures, cause = 'motion' }: RecordedClip & { readonly cause?: string }): void => {
    const kept = clips?.recorded({ name: clip, startMs: clock.utc() - beganMsAgo, lastsMs, pictures, cause });
    kept?.catch((error: unknown) => console.error(`a clip was not noted: ${error instanceof Error ? error.message : error}`));
  };
  let running: { readonly stop: AbortController; readonly supervised: Supervised } | undefined;
  /** Switching is one thing after the other. */
  let turn: Promise<void> = Promise.resolve();
  const set = (next: CameraState): void => {
    const changed = next.state !== state.state || next.message !== state.message;
    if ((next.state === 'live') !== (state.state === 'live')) edge.told?.(next.state === 'live');
    state = next;
    if (changed) onChange(whole());
  };
  const whole = (): CameraState => {
    const [beside, heard] = [shutter?.state(), ears.state()];
    return { ...state, ...(beside && { shutter: beside }), ...(heard && { microphone: heard }) };
  };
  const setOff = (): void => {
    const off = kept.state;
    if (off.kind === 'off') set({ ...dark, state: 'private', off: { sinceUtcMs: off.sinceUtcMs, by: off.by } });
  };

  let seal: VideoSeal | undefined;
  const start = (): void => {
    set(dark);
    const stop = new AbortController();
    const supervised = supervise(
      () => {
        // A counter is never used twice under a key: each program has one of its own.
        seal = undefined;
        if (isSealed(edge.region) && camera.gives !== 'i420')
          seal = { kid: String(randomBytes(4).readUInt32BE()), key: randomBytes(16).toString('base64url') };
        return {
          name: 'video',
          command: process.execPath,
          args: ['--disable-warning=ExperimentalWarning', `${root}hub/video/main.ts`],
          env: {
            HEARTH_VIDEO: JSON.stringify({ camera, url: edge.whip(), seal, microphone }),
            ...(edge.authorityFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: edge.authorityFile }),
          },
        };
      },
      {
        onStart({ stdin, stdout }) {
          const answer = (said: object): void => void stdin.write(`${JSON.stringify(said)}\n`);
          let told: string | undefined = 'null';
          tellClips = () => {
            const place = clips?.place() ?? null;
            const next = JSON.stringify(place);
            if (next !== told) answer({ clips: place });
            told = next;
          };
          tellClips();
          let toldOfSound = 'off';
          tellMicrophone = () => {
            const next = ears.wish();
            if (next === toldOfSound) return;
            toldOfSound = next;
            answer({ microphone: next });
            onChange(whole());
          };
          tellMicrophone();
          createInterface({ input: stdout }).on('line', (line) => {
            const said = saidIn(line);
            if (said === undefined) return;
            // Also the last one, which is closed as the camera is switched off.
            if ('clip' in said) keepClip(said.clip);
            else if (stop.signal.aborted) return;
            else if ('heard' in said) {
              ears.heard(said.heard.beganMsAgo, said.heard.lastsMs);
              onChange(whole());
            } else if ('deaf' in said) {
              ears.deaf(said.deaf);
              onChange(whole());
            } else if ('wants' in said) void giveToken(answer);
            else set({ ...dark, ...said });
          });
        },
        onEnd: ({ reason }) => set({ ...dark, message: `the video program ended (${reason}) and starts again` }),
      },
      clock,
      AbortSignal.any([signal, stop.signal]),
    );
    running = { stop, supervised };
  };
  const giveToken = async (answer: (said: object) => void): Promise<void> => {
    const name = edge.camera();
    try {
      const token = await atEdge.token('publish');
      // Enrolled just now: the program begins anew with the name that the camera has there.
      if (edge.camera() !== name) running?.supervised.restart();
      else answer({ token });
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof TargetError && error.kind === 'refused') onRefused(message);
      answer({ refused: message });
    }
  };
  const tellWishes = (): void => {
    tellClips();
    tellMicrophone();
  };
  const telling = setInterval(tellWishes, TELL_MS).unref();
  const looking = setInterval(() => {
    const next = changed(camera);
    if (next === undefined) return;
    camera = next;
    dark = darkOf(camera);
    setOff();
    if (running !== undefined) set(dark);
    running?.supervised.restart();
  }, LOOK_FOR_CAMERA_MS).unref();
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(telling);
      clearInterval(looking);
    },
    { once: true },
  );
  const stopAll = async (): Promise<void> => {
    const was = running;
    running = undefined;
    tellClips = () => undefined;
    tellMicrophone = () => undefined;
    was?.stop.abort(new Error('the camera was switched off'));
    await was?.supervised.done;
    // An edge that does not answer forwards nothing either: its publisher's process is gone.
    await atEdge.end().catch(() => undefined);
    await keeper.look();
  };
  const next = (act: () => Promise<void>): Promise<void> => {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  };

  if (kept.state.kind === 'on') {
    void shutter?.set({ isOpen: true, isLit: true });
    start();
  } else setOff();

  const ended = new Promise<void>((resolve) => {
    const end = (): void => void Promise.all([running?.supervised.done, keeper.done]).then(() => resolve());
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  return {
    state: whole,
    pid: () => running?.supervised.pid,
    switchOff: (by) =>
      next(async () => {
        if (kept.state.kind === 'off' && running === undefined) return;
        let trouble: unknown;
        try {
          // First on disk: a power cut while the program ends must not bring it back.
          kept.set({ kind: 'off', sinceUtcMs: clock.utc(), by });
          // The microphone does not come back with the camera: it is agreed to by itself.
          if (ears.wish() !== 'off') ears.set(false, by);
        } catch (error) {
          trouble = error;
        }
        // The cover at once; the light goes out when nothing is left that could see.
        const closed = shutter?.set({ isOpen: false, isLit: true });
        await Promise.all([stopAll(), closed]);
        setOff();
        if (shutter !== undefined) {
          await shutter.set({ isOpen: false, isLit: false });
          onChange(whole());
        }
        if (trouble !== undefined) throw trouble;
      }),
    switchOn: () =>
      next(async () => {
        if (running !== undefined || signal.aborted) return;
        kept.set({ kind: 'on' });
        // The light before the camera: it never sees in the dark.
        await shutter?.set({ isOpen: false, isLit: true });
        start();
        void shutter?.set({ isOpen: true, isLit: true }).then(() => onChange(whole()));
      }),
    stream: () => atEdge.stream(),
    lookAtSessions: () => keeper.look(),
    tellWishes() {
      tellWishes();
      onChange(whole());
    },
    setMicrophone(isOn, by) {
      try {
        ears.set(isOn, by);
      } finally {
        tellMicrophone();
        onChange(whole());
      }
    },
    shutterChanged: () => onChange(whole()),
    seal: () => seal,
    watchToken: (viewer) => atEdge.token('watch', viewer),
    edge: () => edge,
    async regionChanged() {
      const next = chosenEdge(edges, outOfRegion);
      if (outOfRegion(edge.region) !== undefined || next !== edge) await atEdge.end().catch(() => undefined);
      if (next === edge) return;
      edge = next;
      dark = darkOf(camera);
      setOff();
      if (running !== undefined) set(dark);
      running?.supervised.restart();
    },
    done: ended,
  };
}
