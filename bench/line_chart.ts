// Draws lines over evenly spaced steps, on a logarithmic scale, as an SVG document. That one kind of chart and no other.

export interface LineChart {
  readonly title: string;
  /** Below the title: what it was measured on. */
  readonly subtitle: string;
  /** What the steps are, and their names from left to right. */
  readonly x: { readonly label: string; readonly steps: readonly string[] };
  readonly y: { readonly label: string };
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** A colour, as CSS writes it. */
  readonly colour: string;
  /** One for each step; the bar goes from min to max. */
  readonly points: readonly { readonly median: number; readonly min: number; readonly max: number }[];
}

const width = 820;
const height = 470;
const plot = { left: 80, right: 680, top: 80, bottom: 400 };

export function drawLineChart({ title, subtitle, x, y, lines }: LineChart): string {
  const all = lines.flatMap(({ points }) => points.flatMap(({ min, max }) => [min, max]));
  const ticks = ticksAround(Math.min(...all), Math.max(...all));
  const [low, high] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)];
  const xOf = (step: number) => plot.left + ((step + 0.5) / x.steps.length) * (plot.right - plot.left);
  const yOf = (value: number) => plot.bottom - ((Math.log(value) - low) / (high - low)) * (plot.bottom - plot.top);

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(plot.left, 32, title, 'font-size="18" font-weight="bold"'),
    text(plot.left, 54, subtitle, 'fill="#555" font-size="12"'),
    ...ticks.flatMap((tick) => [
      `<line x1="${plot.left}" y1="${round(yOf(tick))}" x2="${plot.right}" y2="${round(yOf(tick))}" stroke="#ddd"/>`,
      text(plot.left - 8, yOf(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
    ]),
    ...x.steps.map((step, i) => text(xOf(i), plot.bottom + 20, step, 'text-anchor="middle"')),
    text((plot.left + plot.right) / 2, plot.bottom + 44, x.label, 'text-anchor="middle"'),
    `<g transform="translate(24 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${text(0, 0, y.label, 'text-anchor="middle"')}</g>`,
    ...lines.flatMap(({ name, colour, points }) => {
      const path = points.map(({ median }, i) => `${round(xOf(i))},${round(yOf(median))}`).join(' ');
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.flatMap(({ median, min, max }, i) => [
          `<line x1="${round(xOf(i))}" y1="${round(yOf(min))}" x2="${round(xOf(i))}" y2="${round(yOf(max))}" stroke="${colour}"/>`,
          `<circle cx="${round(xOf(i))}" cy="${round(yOf(median))}" r="3.5" fill="${colour}"/>`,
        ]),
        text(xOf(points.length - 1) + 12, yOf(points.at(-1)!.median) + 4, name, `fill="${colour}" font-weight="bold"`),
      ];
    }),
    '</svg>\n',
  ].join('\n');
}

/** 1, 2 and 5 times powers of ten, from the last one below to the first one above. */
function ticksAround(min: number, max: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max) + 1; power++) {
    for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
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
