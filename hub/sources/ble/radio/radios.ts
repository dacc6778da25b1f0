/** The radios of a home: one program for each controller. What one of them hears is heard; a device is connected to by the radio that heard it last. */
import type { Clock } from '../../../../firmware/protocol/time.ts';
import { describeHealth, type RadioHealth, type Rung, rungs } from './health.ts';
import type { HeardAdvert, RadioAsked } from './lines.ts';
import { type LinkSaid, type RadioProgram, startRadioProgram } from './program.ts';
import { rivalOf } from './rival.ts';

/** The adapter that noble finds by itself. */
export const OWN_ADAPTER = '';
/** Addresses whose radio is remembered. */
const MOST_HEARD_BY = 1000;
/** Best first. */
const kinds = ['hearing', 'quiet', 'deaf', 'off'] as const;

export interface RadiosState {
  readonly kind: RadioHealth['kind'];
  /** For people. */
  readonly message: string;
  readonly adverts: number;
  readonly tried: Readonly<Record<Rung, number>>;
  readonly mended: Readonly<Record<Rung, number>>;
}

export interface Radios {
  state(): RadiosState;
  /** False while the radio of that link is not there: what was asked is lost then. */
  ask(asked: Extract<RadioAsked, { link: number }>): boolean;
  readonly done: Promise<void>;
}

export interface RadiosOptions {
  readonly root: string;
  /** Device files of controllers that speak HCI over UART, adapters of the machine (`hci1`), or {@link OWN_ADAPTER}; at least one. */
  readonly controllers: readonly string[];
  readonly isPassive: boolean;
  readonly onAdvert: (advert: HeardAdvert) => void;
  /** Every link is told of its end, also when its radio's program ended. */
  readonly onLink: (said: LinkSaid) => void;
  readonly onHealth: () => void;
  readonly log: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function startRadios({ root, controllers, isPassive, onAdvert, onLink, onHealth, log, clock, signal }: RadiosOptions): Radios {
  const isOne = controllers.length === 1;
  const heardBy = new Map<string, RadioProgram>();
  const ofLink = new Map<number, RadioProgram>();
  const radios = controllers.map((controller) => {
    const radio: RadioProgram = startRadioProgram({
      root,
      controller,
      isPassive,
      onAdvert(advert) {
        if (!isOne) {
          if (!heardBy.has(advert.address) && heardBy.size >= MOST_HEARD_BY) heardBy.delete(heardBy.keys().next().value!);
          heardBy.set(advert.address, radio);
        }
        onAdvert(advert);
      },
      onLink(said) {
        if (said.say === 'ended') ofLink.delete(said.link);
        onLink(said);
      },
      onEnd() {
        for (const [link, of] of [...ofLink]) {
          if (of !== radio) continue;
          ofLink.delete(link);
          onLink({ say: 'ended', link, reason: 'the radio program ended' });
        }
      },
      onHealth,
      log: (text) => log(isOne ? text : `${controller}: ${text}`),
      clock,
      signal,
    });
    return radio;
  });
  return {
    state() {
      const all = radios.map((radio) => radio.health());
      // One that hears is enough for the home; what the others lack is said beside it.
      const kind = kinds.find((one) => all.some((health) => health.kind === one))!;
      const words = all.map((health, index) => (isOne ? '' : `${controllers[index]}: `) + describeHealth(health));
      const isOurs = kind === 'hearing' || controllers.every((one) => one.startsWith('/'));
      const sum = (part: 'tried' | 'mended'): RadiosState['tried'] =>
        Object.fromEntries(
          rungs.map((rung) => [rung, all.reduce((total, health) => total + health[part][rung], 0)]),
        ) as RadiosState['tried'];
      return {
        kind,
        message: [...words, ...(isOurs ? [] : [rivalOf()])].filter((text) => text !== '').join(' '),
        adverts: all.reduce((total, { adverts }) => total + adverts, 0),
        tried: sum('tried'),
        mended: sum('mended'),
      };
    },
    ask(asked) {
      if (asked.ask === 'connect') ofLink.set(asked.link, heardBy.get(asked.address) ?? radios[0]!);
      return ofLink.get(asked.link)?.ask(asked) ?? false;
    },
    done: Promise.all(radios.map(({ done }) => done)).then(() => undefined),
  };
}
