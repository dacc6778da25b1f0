/** What an edge counts, for Prometheus. Never a measured value, a hub's name or a vault's. */
import { Counter, Registry } from '@prometheus-io/client';

export interface EdgeMetrics {
  batch(bytes: number, entries: number, added: number): void;
  refused(code: string): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function createEdgeMetrics(): EdgeMetrics {
  const registry = new Registry();
  const registers = [registry];
  const batches = new Counter({ name: 'hearth_edge_batches_total', help: 'Batches that were kept', registers });
  const bytes = new Counter({ name: 'hearth_edge_bytes_total', help: 'Bytes of their bodies on the wire', registers });
  const entries = new Counter({ name: 'hearth_edge_entries_total', help: 'Entries in them', registers });
  const rows = new Counter({ name: 'hearth_edge_rows_total', help: 'Entries that were new', registers });
  const refused = new Counter({
    name: 'hearth_edge_refused_total',
    help: 'Requests that were refused, by reason',
    labelNames: ['code'] as const,
    registers,
  });
  return {
    batch(byteCount, entryCount, added) {
      batches.inc();
      bytes.inc(byteCount);
      entries.inc(entryCount);
      rows.inc(added);
    },
    refused: (code) => refused.inc({ code }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
