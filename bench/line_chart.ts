// Draws lines, or points that are not joined, over evenly spaced steps, on a logarithmic scale, as an SVG document of one panel or several below one another. That
// one kind of chart and no other.

export interface LineChart {
  readonly title: string;
  /** What the steps are, and their names from left to right. */
  readonly x: { readonly label: string; readonly steps: readonly string[] };
  readonly y: { readonly label: string };
  readonly lines: readonly Line[];
  /** Whether the points of a line are joined; not where the steps are different things. */
  readonly joined: boolean;
}

export interface Line {
  readonly name: string;
  /** A colour, as CSS writes it. */
  readonly colour: string;
  /** One for each step, null where there is none; all above 0; the bar goes from min to max. */
  readonly points: readonly (Point | null)[];
}

export interface Point {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const width = 860;
const heading = 30;
const panel = { height: 410, left: 80, right: 700, top: 50, bottom: 350 };
const namesApart = 16;

/** `subtitle` stands above all: what it was measured on. */
export function drawLineCharts(subtitle: string, charts: readonly LineChart[]): string {
  const height = heading + charts.length * panel.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escapeXml(charts.map(({ title }) => title).join('; '))}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(20, 20, subtitle, 'fill="#555" font-size="11"'),
    ...charts.flatMap((chart, i) => [
      `<g transform="translate(0 ${heading + i * panel.height})">`,
      ...drawPanel(chart),
      '</g>',
    ]),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, x, y, lines, joined }: LineChart): string[] {
  const all = lines.flatMap(({ points }) => points.flatMap((point) => (point === null ? [] : [point.min, point.max])));
  if (all.length === 0) return [text(panel.left, 30, `${title}: nothing measured`, 'font-size="18"')];
  const ticks = ticksAround(Math.min(...all), Math.max(...all));
  const [low, high] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)];
  const xOf = (step: number) => panel.left + ((step + 0.5) / x.steps.length) * (panel.right - panel.left);
  const yOf = (value: number) => panel.bottom - ((Math.log(value) - low) / (high - low)) * (panel.bottom - panel.top);

  // Each name stands at its line's last point, or beside the panel where points are not joined; of those at the same step, one that would cover another is moved down.
  const ends = lines.flatMap(({ name, colour, points }) => {
    const last = points.findLastIndex((point) => point !== null);
    if (last < 0) return [];
    return [{ name, colour, x: joined ? xOf(last) + 12 : panel.right + 12, y: yOf(points[last]!.median) + 4 }];
  });
  ends.sort((a, b) => a.y - b.y);
  for (const [i, end] of ends.entries()) {
    const above = ends.slice(0, i).findLast((other) => other.x === end.x);
    if (above !== undefined) end.y = Math.max(end.y, above.y + namesApart);
  }

  return [
    text(panel.left, 30, title, 'font-size="18" font-weight="bold"'),
    ...ticks.flatMap((tick) => [
      `<line x1="${panel.left}" y1="${round(yOf(tick))}" x2="${panel.right}" y2="${round(yOf(tick))}" stroke="#ddd"/>`,
      text(panel.left - 8, yOf(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
    ]),
    ...x.steps.map((step, i) => text(xOf(i), panel.bottom + 20, step, 'text-anchor="middle"')),
    text((panel.left + panel.right) / 2, panel.bottom + 42, x.label, 'text-anchor="middle"'),
    `<g transform="translate(20 ${(panel.top + panel.bottom) / 2}) rotate(-90)">${text(0, 0, y.label, 'text-anchor="middle"')}</g>`,
    ...lines.flatMap(({ colour, points }) => {
      const there = points.flatMap((point, i) => (point === null ? [] : [{ ...point, x: xOf(i) }]));
      const path = there.map((point) => `${round(point.x)},${round(yOf(point.median))}`).join(' ');
      return [
        ...(joined ? [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`] : []),
        ...there.flatMap((point) => [
          `<line x1="${round(point.x)}" y1="${round(yOf(point.min))}" x2="${round(point.x)}" y2="${round(yOf(point.max))}" stroke="${colour}"/>`,
          `<circle cx="${round(point.x)}" cy="${round(yOf(point.median))}" r="3.5" fill="${colour}"/>`,
        ]),
      ];
    }),
    ...ends.map((end) => text(end.x, end.y, end.name, `fill="${end.colour}" font-weight="bold"`)),
  ];
}

/** 1, 2 and 5 times powers of ten, from the last one below to the first one above; powers of ten alone where those are too many. */
function ticksAround(min: number, max: number): number[] {
  const factors = max / min > 10_000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max) + 1; power++) {
    for (const factor of factors) ticks.push(Number(`${factor}e${power}`));
  }
  return ticks.filter((tick, i) => (ticks[i + 1] ?? tick) > min && (ticks[i - 1] ?? 0) < max);
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`;
}

function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
