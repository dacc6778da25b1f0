import t from 'tap';
import {
  type Calibration,
  calibrate,
  calibrationUncertaintyKg,
  expandedUncertaintyKg,
  kgOf,
} from '../../../firmware/signal/calibration.ts';
import { fitDrift, robustSigma, withoutDrift } from '../../../firmware/signal/drift.ts';
import fc from '../../property.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import { hiveCells } from './loads.ts';
import { seededNormal } from './noise.ts';

const DATE = '2026-11-24';
function made(points: Parameters<typeof calibrate>[0], before?: Calibration): Calibration {
  const result = calibrate(points, DATE, before);
  if (result.kind === 'refused') throw new Error(result.message);
  return result.calibration;
}
/** Counts of a true line, with deviations. */
const laid = (massKg: number, off = 0) => ({ massKg, counts: 84_000 + 21_500 * massKg + off, massUncertaintyKg: massKg * 1e-5 });

t.test('two masses fix a line, and say nothing of how good it is', async (t) => {
  const line = made([laid(0), laid(20)]);
  t.ok(Math.abs(kgOf(line, 84_000 + 21_500 * 70) - 70) < 1e-9);
  t.equal(line.residualSdKg, undefined);
  t.equal(calibrationUncertaintyKg(line, 70), undefined);
  t.ok(Math.abs(expandedUncertaintyKg(0.02, line, 70) - 0.04) < 1e-12);
});

t.test('from three masses on, residuals tell the uncertainty, which grows away from the masses', async (t) => {
  const line = made([laid(0, 20), laid(5, -40), laid(10, 30), laid(15, -5), laid(20, -10)]);
  t.equal(line.residualsKg.length, 5);
  t.ok(Math.abs(line.residualsKg[1]! + 40 / 21_500) < 0.002);
  const near = calibrationUncertaintyKg(line, 10)!;
  const far = calibrationUncertaintyKg(line, 100)!;
  t.ok(near > 0 && far > 3 * near, `${near} ${far}`);
});

t.test('the stated uncertainty holds: of many calibrations 95 % weigh within it', async (t) => {
  const normal = seededNormal(7);
  let within = 0;
  const trials = 500;
  for (let trial = 0; trial < trials; trial++) {
    const line = made([0, 5, 10, 15, 20, 25].map((kg) => laid(kg, 100 * normal())));
    const error = kgOf(line, 84_000 + 21_500 * 60) - 60;
    // Six points leave four degrees of freedom: Student's factor is 2.78 where the normal one is 2.
    if (Math.abs(error) <= 2.78 * calibrationUncertaintyKg(line, 60)!) within++;
  }
  t.ok(within / trials > 0.92 && within / trials < 0.98, `${within} of ${trials}`);
});

t.test('a new calibration has the next version, and old counts are weighed again by it', async (t) => {
  const first = made([laid(0), laid(20)]);
  const second = made([{ massKg: 20, counts: 84_000 + 21_600 * 20 }], first);
  t.equal(first.version, 1);
  t.equal(second.version, 2);
  const counts = 84_000 + 21_600 * 70;
  t.ok(Math.abs(kgOf(second, counts) - 70) < 1e-9);
  t.ok(kgOf(first, counts) > 70.3, 'and the first still says what it said');
});

t.test('what fixes no line is refused with what to do', async (t) => {
  const message = (...args: Parameters<typeof calibrate>): string => {
    const result = calibrate(...args);
    return result.kind === 'refused' ? result.message : '';
  };
  t.match(message([], DATE), /no mass was laid on/);
  t.match(message([laid(20)], DATE), /add the empty plate as 0 kg/);
  t.match(message([laid(20), laid(20.1)], DATE), /nearly the same/);
  t.match(message([laid(0), { massKg: 20, counts: -300_000 }], DATE), /wrong way round/);
  t.match(message([laid(0), { massKg: Number.NaN, counts: 1 }], DATE), /NaN kg/);
});

t.test('whatever the points, a calibration is finite and rising, or refused', async () => {
  const point = fc.record({ counts: fc.double({ min: -8e6, max: 8e6 }), massKg: fc.double({ min: -1, max: 300 }) });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 8 }), (points) => {
      const result = calibrate(points, DATE);
      return result.kind === 'refused' ? result.message.length > 0 : result.calibration.countsPerKg > 0;
    }),
  );
});

t.test('drift with temperature and creep is found in spite of bumps, and taken off', async (t) => {
  const normal = seededNormal(3);
  const readings = Array.from({ length: 2000 }, (_, at) => {
    const hours = at / 10;
    const temperatureC = 20 + 4 * Math.sin((2 * Math.PI * hours) / 24);
    const bump = at % 97 === 0 ? 0.5 : 0;
    const kg = 10 + 0.012 * (temperatureC - 20) + 0.008 * Math.log1p(hours) + 0.002 * normal() + bump;
    return { atMs: hours * 3_600_000, kg, temperatureC };
  });
  const model = fitDrift(readings)!;
  t.ok(Math.abs(model.kgPerC - 0.012) < 0.001, String(model.kgPerC));
  t.ok(Math.abs(model.creepKg - 0.008) < 0.002, String(model.creepKg));
  t.ok(model.sigmaAfterKg < 0.0025 && model.sigmaBeforeKg > 0.02);
  t.ok(robustSigma(withoutDrift(readings, model)) < 0.0025);
  t.equal(fitDrift(readings.slice(0, 10)), undefined);
});

t.test(
  'two load cells left alone for days drift less once it is taken off, in days that were not fitted too',
  { skip: skipWithoutVectors },
  async (t) => {
    for (const { name, readings } of hiveCells()) {
      const half = readings.length >> 1;
      const model = fitDrift(readings.slice(0, half))!;
      const later = readings.slice(half);
      const before = robustSigma(later.map(({ kg }) => kg));
      const after = robustSigma(withoutDrift(readings, model).slice(half));
      t.ok(after < before, `${name}: ${(1000 * before).toFixed(1)} g to ${(1000 * after).toFixed(1)} g`);
    }
  },
);
