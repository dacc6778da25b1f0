/** A quantity over the last day, as a line with gaps where nothing was measured, or as bars where values add up. */
import { html, nothing, type TemplateResult } from 'lit';
import uPlot from 'uplot';
import { call, hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import type { Gap, Measurement, Quantity, SeriesPoint } from '../shapes.ts';
import { clockTime, labelWord, unitWord, valueText } from '../words.ts';

const DAY_MS = 86_400_000;
/** One for each three minutes: as fine as a small chart shows. */
const POINTS = 480;
/** With fewer points than this the measurements themselves are drawn. */
const FEW_POINTS = 12;
/** The shortest time that a chart spans, so that the first minutes do not look like a day. */
const LEAST_SPAN_S = 600;
const HEIGHT = 88;
/** Points further apart than this many steps have a gap between them. */
const GAP_STEPS = 10;

class SeriesChart extends PageElement {
  declare home: Home;
  declare quantity: Quantity;
  isSum = false;
  private points: SeriesPoint[] = [];
  private gaps: readonly Gap[] = [];
  private chart: uPlot | undefined;
  private stop: () => void = () => undefined;
  private resize = new ResizeObserver(() => this.draw());
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');
  private readonly redraw = (): void => this.draw();

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onMeasured(this.quantity.id, () => void this.load());
    this.resize.observe(this);
    this.scheme.addEventListener('change', this.redraw);
    void this.load();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    this.resize.disconnect();
    this.scheme.removeEventListener('change', this.redraw);
    this.chart?.destroy();
    this.chart = undefined;
  }

  private async load(): Promise<void> {
    const to = Math.round(hubNow() + 60_000);
    const span = `quantity=${this.quantity.id}&from=${to - DAY_MS}&to=${to}`;
    try {
      const { points, gaps } = await call<{ points: SeriesPoint[]; gaps: Gap[] }>('GET', `series?${span}&points=${POINTS}`);
      this.gaps = emptyGaps(gaps, points);
      this.points = points.length < FEW_POINTS ? pointsOf(await call<Measurement[]>('GET', `measurements?${span}&limit=500`)) : points;
    } catch {
      // The banner of the page says that the hub is away; the chart keeps what it had.
    }
    this.requestUpdate();
    this.draw();
  }

  private draw(): void {
    const host = this.querySelector<HTMLElement>('.plot');
    const width = host?.clientWidth ?? 0;
    if (host === null || host === undefined || width === 0 || this.points.length === 0) return;
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    // Custom properties keep light-dark() unresolved; the canvas needs the colour itself.
    const [accent, quiet] = [colourOf(host, colour('--accent')), colourOf(host, colour('--quiet'))];
    const bars = uPlot.paths.bars?.({ size: [0.8, 24] });
    const { times, values } = columnsOf(this.points, this.isSum, this.quantity.category === 'environment', this.gaps);
    const nowS = hubNow() / 1000;
    this.chart?.destroy();
    const axis = { stroke: quiet, grid: { show: false }, ticks: { show: false }, font: '12px system-ui' };
    this.chart = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        // Half a time at the right, so that the last one stands whole.
        padding: [8, 26, 0, 0],
        scales: {
          x: { time: true, range: () => [Math.min(times[0]!, nowS - LEAST_SPAN_S), nowS] },
          y: { range: (_chart, least, greatest) => spanOf(least, greatest, this.isSum) },
        },
        axes: [
          { ...axis, size: 20, space: 72, values: (_chart, splits) => splits.map((second) => clockTime(second * 1000)) },
          {
            ...axis,
            size: 48,
            space: 32,
            values: (_chart, splits) => splits.map((value) => valueText(value, this.isSum ? 0 : digitsOf(splits))),
          },
        ],
        hooks: { draw: [(chart) => drawGaps(chart, this.gaps, quiet)] },
        series: [
          {},
          this.isSum
            ? { stroke: accent, fill: accent, ...(bars === undefined ? {} : { paths: bars }), points: { show: false } }
            : { stroke: accent, width: 2, points: { show: times.length < 24, size: 5, fill: accent } },
        ],
      },
      [times, values],
      host,
    );
  }

  protected override render(): TemplateResult {
    const last = this.points.at(-1);
    const text =
      last === undefined
        ? `No chart of ${labelWord(this.quantity.label)} yet`
        : `${labelWord(this.quantity.label)} since ${clockTime(this.points[0]!.startMs)}, last ${valueText(this.isSum ? last.sum : last.mean, this.quantity.decimals)} ${unitWord(this.quantity.unit)}${this.gaps.map((gap) => `; ${gap.words} from ${clockTime(gap.fromMs)} to ${clockTime(gap.toMs)}`).join('')}`;
    // On a small card the words fit into no band; what a screen reader is told already is not said twice.
    const newest = this.gaps.at(-1);
    return html`<div class="plot" role="img" aria-label=${text}></div>
      ${newest === undefined ? nothing : html`<p class="quiet small" aria-hidden="true">Grey: ${newest.words}, ${clockTime(newest.fromMs)} to ${clockTime(newest.toMs)}${this.gaps.length > 1 ? `, and ${this.gaps.length - 1} more` : ''}</p>`}`;
  }
}
customElements.define('series-chart', SeriesChart);

/** Single measurements as points of their own. */
const pointsOf = (rows: readonly Measurement[]): SeriesPoint[] =>
  rows
    .filter(({ flag }) => flag === 'ok')
    .map(({ start, end, value }) => ({
      startMs: Date.parse(end),
      endMs: Date.parse(end) + Math.max(60_000, Date.parse(end) - Date.parse(start)),
      count: 1,
      mean: value,
      min: value,
      max: value,
      sum: value,
    }));

/** What a device kept while it was away came later: then there is no gap. A drop of a few within a point shows nothing either. */
const emptyGaps = (gaps: readonly Gap[], points: readonly SeriesPoint[]): Gap[] =>
  gaps.filter(({ fromMs, toMs }) => toMs > fromMs && !points.some(({ startMs, endMs }) => startMs > fromMs && endMs < toMs));

/** A gap as a quiet band with its cause in words, where the words fit. */
function drawGaps(chart: uPlot, gaps: readonly Gap[], colour: string): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  ctx.textAlign = 'center';
  for (const { fromMs, toMs, words } of gaps) {
    const left = Math.max(bbox.left, chart.valToPos(fromMs / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(toMs / 1000, 'x', true));
    if (right - left < 2) continue;
    ctx.globalAlpha = 0.12;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 1;
    if (ctx.measureText(words).width < right - left - 8) ctx.fillText(words, (left + right) / 2, bbox.top + bbox.height / 2);
  }
  ctx.restore();
}

/** Weighings are rare by nature: only what is measured all the time has gaps. */
function columnsOf(
  points: readonly SeriesPoint[],
  isSum: boolean,
  isSteady: boolean,
  gaps: readonly Gap[],
): { times: number[]; values: (number | null)[] } {
  const times: number[] = [];
  const values: (number | null)[] = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    const stepMs = point.endMs - point.startMs;
    const isKnownGap = before !== undefined && gaps.some((gap) => gap.fromMs < point.startMs && gap.toMs > before.endMs);
    if (before !== undefined && (isKnownGap || (isSteady && point.startMs - before.startMs > stepMs * GAP_STEPS))) {
      times.push((before.endMs + point.startMs) / 2000);
      values.push(null);
    }
    times.push(point.startMs / 1000);
    values.push(isSum ? point.sum : point.mean);
  });
  return { times, values };
}

/** Room above and below, so that a steady value is a calm line and not its noise. */
function spanOf(least: number, greatest: number, isSum: boolean): [number, number] {
  if (isSum) return [0, Math.max(10, greatest * 1.1)];
  const room = Math.max((greatest - least) * 0.15, Math.abs(greatest) * 0.01, 0.1);
  return [least - room, greatest + room];
}

const digitsOf = (splits: readonly number[]): number => (splits.length > 1 && Math.abs(splits[1]! - splits[0]!) < 1 ? 1 : 0);

function colourOf(host: HTMLElement, value: string): string {
  host.style.setProperty('color', value);
  const resolved = getComputedStyle(host).color;
  host.style.removeProperty('color');
  return resolved;
}
