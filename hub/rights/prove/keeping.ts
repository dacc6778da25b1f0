/** What is seen of the promises about how long things are kept, on the living hub. */
import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { HOME } from '../../people/subjects.ts';
import { openRetention } from '../retention.ts';
import type { Checks } from './check.ts';

const DAY_MS = 86_400_000;
/** What a purge of this night has not reached yet may be that much too old. */
const SLACK_DAYS = 2;
const pictures = new Set(['.mp4', '.mkv', '.webm', '.h264', '.264', '.ivf', '.mjpeg', '.ts']);

export const keepingChecks: Checks = {
  F1({ house }) {
    const retention = openRetention({ store: house.store, people: house.people, clips: house.clips, now: house.now });
    const subjects = new Set([HOME, ...house.people.accounts.list().map(({ id }) => id), ...house.store.subjects()]);
    const clips = readdirSync(house.data, { recursive: true, encoding: 'utf8' }).filter((name) => pictures.has(extname(name)));
    let [rules, short, late] = [0, 0, 0];
    for (const subject of subjects)
      for (const { id, days } of retention.rules(subject)) {
        rules++;
        if (days === null) continue;
        short++;
        late += retention.older(subject, id, days + SLACK_DAYS);
      }
    const last = retention.lastRun();
    // A hub of an hour has nothing to let go; one of days must have looked.
    const isDue = house.now() - house.startedUtcMs > SLACK_DAYS * DAY_MS;
    const isRun = last !== undefined && house.now() - last.atUtcMs < SLACK_DAYS * DAY_MS;
    const ran = last === undefined ? 'none yet' : `${new Date(last.atUtcMs).toISOString()}, ${last.removed} let go, ${last.left} left`;
    return {
      isKept: late === 0 && clips.length === 0 && (isRun || !isDue),
      evidence: `${rules} rules by category and purpose, ${short} end by themselves; kept longer than its rule: ${late}; pictures of the camera that are not sealed: ${clips.length}; last purge: ${ran}`,
    };
  },
};
