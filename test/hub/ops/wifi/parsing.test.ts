import assert from 'node:assert/strict';
import t from 'tap';
import { networksOf, parseAccessPoints, securityOf } from '../../../../hub/ops/wifi/scan.ts';
import { linkOf } from '../../../../hub/ops/wifi/state.ts';
import { terseFields, terseRows } from '../../../../hub/ops/wifi/terse.ts';
import { wifiErrorOf } from '../../../../hub/ops/wifi/wifi-error.ts';
import fc from '../../../property.ts';

const escaped = (text: string): string => text.replace(/[\\:]/g, '\\$&');

t.test('a terse line gives back the fields that it was made of, colons and backslashes included', async (t) => {
  t.same(terseFields('yes:Caf\\: a\\\\b:02\\:00:'), ['yes', 'Caf: a\\b', '02:00', '']);
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      assert.deepEqual(terseFields(fields.map(escaped).join(':')), fields);
    }),
    { numRuns: 200 },
  );
});

t.test('whatever nmcli prints, reading it does not fail', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (output) => {
      networksOf(parseAccessPoints(output));
      assert(terseRows(output, 3).every((row) => row.length === 3));
      assert(wifiErrorOf(output, 1).remedy.length > 0);
    }),
    { numRuns: 200 },
  );
});

t.test('the protection of a network is told from its column', async (t) => {
  const columns = {
    '': 'open',
    WPA2: 'wpa',
    'WPA1 WPA2': 'wpa',
    WPA1: 'wpa',
    WPA3: 'wpa3',
    'WPA2 WPA3': 'wpa',
    'WPA2 802.1X': 'enterprise',
    WEP: 'wep',
    OWE: 'owe',
  };
  for (const [column, security] of Object.entries(columns)) t.equal(securityOf(column), security, column);
});

t.test(
  'access points of one name are one network, as strong as the strongest, and joined by name so that the radio may roam',
  async (t) => {
    const output = [
      'no:02\\:00\\:00\\:00\\:00\\:01:574C414E:Infra:2412 MHz:40:WPA2',
      'yes:02\\:00\\:00\\:00\\:00\\:02:574C414E:Infra:5180 MHz:75:WPA2',
      'no:02\\:00\\:00\\:00\\:00\\:03:574C414E:Infra:5180 MHz:90:',
      'Hint: nothing of this is a row',
    ].join('\n');
    t.match(networksOf(parseAccessPoints(output)), [
      { name: 'WLAN', security: 'wpa', signal: 75, accessPoints: 2, isConnected: true },
      { name: 'WLAN', security: 'open', signal: 90, accessPoints: 1, isConnected: false },
    ]);
  },
);

t.test('what keeps the radio from being used is told apart, each with what to do', async (t) => {
  const wlan = ['wlan0', 'wifi', 'disconnected', ''];
  const cable = ['eth0', 'ethernet', 'connected', 'Wired'];
  const trouble = (general: string[], devices: string[][]) => {
    const { radio } = linkOf(general, devices);
    return radio.kind === 'unusable' ? [radio.trouble.trouble, radio.trouble.remedy] : radio;
  };
  t.match(trouble(['running', 'missing', 'enabled'], [cable]), ['absent', /network cable/]);
  t.match(trouble(['running', 'disabled', 'enabled'], [wlan]), ['blocked', /rfkill unblock wifi/]);
  t.match(trouble(['running', 'enabled', 'disabled'], [wlan]), ['off', /nmcli radio wifi on/]);
  t.match(trouble(['running', 'enabled', 'enabled'], [['wlan0', 'wifi', 'unmanaged', '']]), ['absent', /device set wlan0 managed yes/]);
  t.match(linkOf(['running', 'enabled', 'enabled'], [cable, ['wlan0', 'wifi', 'connected', 'a:b']]), {
    radio: { kind: 'ready', device: 'wlan0' },
    wifi: 'a:b',
    isWired: true,
  });
});
