/**
 * An MQTT broker as a target, with Home Assistant's discovery. A state topic has no past: only the newest value of each quantity is
 * sent, retained, with its own time beside it; history stays with the hub.
 */
import type { MqttClient } from 'mqtt';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import { type Delivery, type Target, TargetError } from '../target.ts';
import { configTopicOf, discoveryOf, subjectTopic } from './home-assistant.ts';

export interface MqttOptions {
  readonly name: string;
  readonly region: string;
  readonly url: URL;
  readonly username: string | undefined;
  readonly password: () => string | undefined;
  /** First level of all topics but discovery's. */
  readonly prefix: string;
}

/** Only the newest of them are sent: a long stretch costs no more than a short one. */
const MOST_ENTRIES = 5000;
const CONNECT_MS = 10_000;
/** CONNACK codes of a wrong user or password (MQTT 3.1.1: 4 and 5; MQTT 5: 134, 135). */
const notAllowed = [4, 5, 134, 135];

export function mqttTarget({ name, region, url, username, password, prefix }: MqttOptions): Target {
  let client: MqttClient | undefined;
  /** Discovery topics that this connection has told. */
  const told = new Set<string>();

  const connected = async (): Promise<MqttClient> => {
    if (client?.connected) return client;
    client?.end(true);
    told.clear();
    // Loaded by who has a broker alone.
    const { connectAsync, ErrorWithReasonCode } = await import('mqtt');
    try {
      client = await connectAsync(
        url.href,
        {
          // Sync itself waits between tries.
          reconnectPeriod: 0,
          connectTimeout: CONNECT_MS,
          will: { topic: `${prefix}/status`, payload: Buffer.from('offline'), retain: true, qos: 1 },
          ...(username === undefined ? {} : { username }),
          ...(password() === undefined ? {} : { password: password()! }),
        },
        false,
      );
    } catch (error) {
      const refused = error instanceof ErrorWithReasonCode && notAllowed.includes(error.code);
      throw new TargetError(
        refused ? 'refused' : 'away',
        `the broker ${url.host} ${refused ? 'does not let this hub in' : 'cannot be reached'}: ${messageOf(error)}`,
      );
    }
    client.on('error', () => undefined);
    await publish(client, `${prefix}/status`, 'online');
    return client;
  };
  /** What waits for a broker that went away would wait for ever, since this client does not connect again by itself. */
  const whileConnected = <T>(to: MqttClient, work: Promise<T>): Promise<T> => {
    const gone = Promise.withResolvers<never>();
    const lose = (): void => gone.reject(new TargetError('away', `the broker ${url.host} went away`));
    to.once('close', lose);
    if (!to.connected) lose();
    work.catch(() => undefined);
    return Promise.race([work, gone.promise]).finally(() => to.off('close', lose));
  };
  const publish = async (to: MqttClient, topic: string, payload: string): Promise<void> => {
    try {
      await whileConnected(to, to.publishAsync(topic, payload, { qos: 1, retain: true }));
    } catch (error) {
      if (error instanceof TargetError) throw error;
      throw new TargetError('away', `the broker ${url.host} did not take a message: ${messageOf(error)}`);
    }
  };
  const publishNewest = async (to: MqttClient, measurement: StoredMeasurement): Promise<number> => {
    const { configTopic, stateTopic, attributesTopic, config } = discoveryOf(measurement, prefix);
    const { value, end, start, timeQuality, flag } = measurement;
    if (!told.has(configTopic)) {
      await publish(to, configTopic, config);
      told.add(configTopic);
    }
    const attributes = JSON.stringify({
      measured_at: new Date(end).toISOString(),
      span_s: (end - start) / 1000,
      time_quality: timeQuality,
      flag,
    });
    await publish(to, attributesTopic, attributes);
    // Home Assistant reads "None" as unknown.
    const state = Number.isFinite(value) && flag === 'ok' ? String(value) : 'None';
    await publish(to, stateTopic, state);
    return state.length + attributes.length;
  };
  /** What the broker retains below a topic. */
  const retainedBelow = async (to: MqttClient, topic: string): Promise<string[]> => {
    const found: string[] = [];
    const end = `${topic}/looked-up`;
    const all = Promise.withResolvers<void>();
    const hear = (at: string, _payload: Buffer, { retain }: { retain: boolean }): void => {
      // A subscriber gets what is retained before what is published after its subscription.
      if (at === end) all.resolve();
      else if (retain) found.push(at);
    };
    to.on('message', hear);
    try {
      await whileConnected(to, to.subscribeAsync(`${topic}/#`, { qos: 1 }));
      await whileConnected(to, to.publishAsync(end, '', { qos: 1 }));
      await whileConnected(to, all.promise);
      await whileConnected(to, to.unsubscribeAsync(`${topic}/#`));
      return found;
    } finally {
      to.off('message', hear);
    }
  };
  const clear = async (to: MqttClient, topics: readonly string[]): Promise<void> => {
    for (const topic of topics) {
      if (!topic.endsWith('/attributes')) {
        await publish(to, configTopicOf(prefix, topic), '');
        told.delete(configTopicOf(prefix, topic));
      }
      await publish(to, topic, '');
    }
  };

  return {
    name,
    kind: 'mqtt',
    region,
    mostEntries: MOST_ENTRIES,
    countsPositions: false,
    capabilities: {
      keepsTime: false,
      amends: true,
      removes: true,
      fillsIn: true,
      says: 'Shows the newest value of each quantity, with its time as an attribute. MQTT has no past: what was measured while the broker was away is not sent one by one.',
    },
    async send(delivery) {
      const to = await connected();
      let bytes = 0;
      const latest = delivery.latest();
      const changed = changedBy(delivery);
      for (const measurement of latest)
        if (changed === 'all' || changed.has(topicOf(measurement))) bytes += await publishNewest(to, measurement);
      if (delivery.entries.some(({ kind }) => kind === 'removed')) await keepOnly(to, delivery.subject, latest);
      return { bytes };
    },
    keepOnly: async (subject, values) => keepOnly(await connected(), subject, values),
    async erase(subject) {
      const to = await connected();
      await clear(to, await retainedBelow(to, subjectTopic(prefix, subject)));
    },
    async test() {
      const to = await connected();
      const topic = `${prefix}/test`;
      const back = Promise.withResolvers<void>();
      const hear = (at: string): void => {
        if (at === topic) back.resolve();
      };
      to.on('message', hear);
      try {
        await whileConnected(to, to.subscribeAsync(topic, { qos: 1 }));
        await whileConnected(to, to.publishAsync(topic, 'a test of this hub', { qos: 1 }));
        const late = AbortSignal.timeout(CONNECT_MS);
        late.addEventListener('abort', () =>
          back.reject(
            new TargetError(
              'refused',
              `the broker ${url.host} took a message on ${topic} and did not hand it back: look at its access list`,
            ),
          ),
        );
        await whileConnected(to, back.promise);
        await whileConnected(to, to.unsubscribeAsync(topic));
        return `${url.host} took a message on ${topic} and handed it back.`;
      } finally {
        to.off('message', hear);
      }
    },
    async close() {
      if (client === undefined) return;
      if (client.connected) await client.publishAsync(`${prefix}/status`, 'offline', { qos: 1, retain: true }).catch(() => undefined);
      await client.endAsync(true);
    },
  };

  async function keepOnly(to: MqttClient, subject: string, values: readonly StoredMeasurement[]): Promise<void> {
    const kept = new Set(values.map(topicOf));
    const there = await retainedBelow(to, subjectTopic(prefix, subject));
    await clear(
      to,
      there.filter((topic) => !kept.has(topic.replace(/\/attributes$/, ''))),
    );
  }
  function topicOf(measurement: StoredMeasurement): string {
    return discoveryOf(measurement, prefix).stateTopic;
  }
  /** State topics whose newest value may be another now. */
  function changedBy({ entries, measurementAt }: Delivery): Set<string> | 'all' {
    const topics = new Set<string>();
    for (const entry of entries) {
      if (entry.kind === 'measured') topics.add(topicOf(entry.measurement));
      else if (entry.kind === 'removed' || entry.kind === 'redated') return 'all';
      else if (entry.kind === 'amended') {
        const of = measurementAt(entry.of);
        if (of !== undefined) topics.add(topicOf(of));
      }
    }
    return topics;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));
