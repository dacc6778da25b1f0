/** A bell without a file: two notes in turn, softly at first. A browser lets it sound once somebody has touched the page. */
const NOTES_HZ = [660, 880] as const;
const NOTE_MS = 600;
const LOUD_AFTER_NOTES = 30;

export interface Bell {
  ring(isOn: boolean): void;
  /** Whether the browser lets it sound. */
  readonly isAllowed: boolean;
}

export function createBell(): Bell {
  let audio: AudioContext | undefined;
  let timer = 0;
  let notes = 0;
  const note = (): void => {
    audio ??= new AudioContext();
    void audio.resume().catch(() => undefined);
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const loud = 0.1 + 0.7 * Math.min(1, notes / LOUD_AFTER_NOTES);
    const at = audio.currentTime;
    tone.frequency.value = NOTES_HZ[notes % NOTES_HZ.length]!;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(loud, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_MS / 1000);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + NOTE_MS / 1000);
    notes++;
  };
  return {
    ring(isOn) {
      if (isOn === (timer !== 0)) return;
      if (isOn) {
        notes = 0;
        note();
        timer = window.setInterval(note, NOTE_MS);
      } else {
        window.clearInterval(timer);
        timer = 0;
      }
    },
    get isAllowed() {
      return audio?.state === 'running';
    },
  };
}
