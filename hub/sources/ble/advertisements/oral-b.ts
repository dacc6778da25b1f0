/**
 * Oral-B toothbrushes: company 0x00DC. Protocol, kind, firmware, state, pressure, minutes, seconds, mode, sector, and on most the sector's
 * timer and the number of sectors. Source: what owners found (github.com/wise-pcs/oralb issues, Home Assistant issue tracker).
 * Without a check: lengths, known states, seconds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { hexOf } from './fields.ts';
import { event, heard, state as sided, value } from './outcome.ts';

const COMPANY = 0x00dc;
const smartModes = ['off', 'daily clean', 'sensitive', 'massage', 'whitening', 'deep clean', 'tongue cleaning', 'turbo'];
const ioModes = ['daily clean', 'sensitive', 'gum care', 'whiten', 'intense', 'super sensitive', 'tongue cleaning', '', 'settings', 'off'];
const models: Readonly<Record<string, string>> = {
  '06326b': 'iO Series 6/7',
  '07340c': 'iO Series 4',
  '07341a': 'iO Series 4',
  '035604': 'Smart Series 4000',
  '04270d': 'Smart Series 6000',
  '03220c': 'Smart Series 8000',
  '03210b': 'Smart Series 9000',
  '03210c': 'Smart Series 9000',
  '063119': 'iO Series 8/9',
  '063116': 'iO Series 8/9',
  '020206': 'Triumph V2',
  '010205': 'Pro 6000',
  '047104': 'Genius X',
};
const states: Readonly<Record<number, string>> = {
  0: 'unknown',
  1: 'initialising',
  2: 'idle',
  3: 'running',
  4: 'charging',
  5: 'setup',
  6: 'flight menu',
  8: 'selection menu',
  9: 'off',
  113: 'final test',
  114: 'pcb test',
  115: 'sleeping',
  116: 'transport',
};

export const oralB: AdvertisementFamily = {
  name: 'Oral-B',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data === undefined || (data.length !== 9 && data.length !== 11)) return undefined;
    const state = states[data[3]!];
    if (state === undefined || data[6]! > 59 || data[5]! > 59 || data[0]! > 9) return undefined;
    const model = models[hexOf(data, 0, 3)] ?? 'Smart Series 7000';
    const mode = (model.startsWith('iO') ? ioModes : smartModes)[data[7]!] || (data[7] === 0xff ? 'unknown' : `mode ${data[7]}`);
    const sector = data[8] === 254 ? 'last sector' : data[8] === 255 || data[8] === 0 ? 'no sector' : `sector ${data[8]! & 7 || data[8]}`;
    const events = [
      event('state', state),
      sided('toothbrush', state === 'running'),
      event('mode', mode),
      event('pressure', String(data[4]!)),
      event('sector', sector),
    ];
    return heard(`Oral-B ${model}`, [value('brushing_time', data[5]! * 60 + data[6]!)], { events });
  },
};
