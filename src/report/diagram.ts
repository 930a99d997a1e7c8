/** Boxes joined by arrows, from top to bottom, as an SVG that needs nothing else: no fonts, scripts or style sheets. */
import { Graph, layout } from '@dagrejs/dagre';
import { type Html, html } from './html.js';

export interface DiagramBox {
  readonly id: string;
  /** In the coloured band on top. */
  readonly title: string;
  /** Below it; a line of its own each. */
  readonly lines: readonly string[];
  readonly tone: Tone;
}

export interface DiagramArrow {
  readonly from: string;
  readonly to: string;
  /** Shown where a pointer rests on the arrow. */
  readonly label: string;
}

export interface Diagram {
  readonly title: string;
  readonly boxes: readonly DiagramBox[];
  readonly arrows: readonly DiagramArrow[];
}

/** Dark enough under white text: contrast of 4.5 and more (WCAG 2.2, 1.4.3). */
const TONES = {
  end: '#3d4652',
  product: '#1f5fbf',
  recurrent: '#6b3fa0',
  activation: '#a8321f',
  norm: '#1a6b45',
  layout: '#7a5a00',
  plain: '#566270',
} as const;
export type Tone = keyof typeof TONES;

const FONT_SIZE = 12;
/** Width of a character of a monospaced font, in its size; most have 0.6, few more. */
const CHARACTER = 0.62;
const LINE_HEIGHT = 17;
const PADDING = 10;
const BAND_HEIGHT = 24;
const MARGIN = 16;
const ARROW = '#566270';
/** Length of an arrow's tip. */
const TIP = 8;
const HEADING_HEIGHT = 28;
/** A longer line ends in an ellipsis; its whole is shown where a pointer rests on the box. */
const MOST_CHARACTERS = 48;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Placed extends Point {
  readonly width: number;
  readonly height: number;
}

const shortened = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;

function sizeOf({ title, lines }: DiagramBox): { width: number; height: number } {
  const longest = Math.max(...[title, ...lines].map((line) => shortened(line).length));
  return {
    width: Math.ceil(longest * FONT_SIZE * CHARACTER) + 2 * PADDING,
    height: BAND_HEIGHT + (lines.length > 0 ? lines.length * LINE_HEIGHT + PADDING : 0),
  };
}

/**
 * @returns an SVG document, as large as its boxes need
 * @param diagram arrows name boxes that are there; an arrow may also go up, as in a circle
 */
export function diagramSvg({ title, boxes, arrows }: Diagram): string {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, edgesep: 14, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) graph.setNode(box.id, sizeOf(box));
  arrows.forEach(({ from, to }, i) => {
    graph.setEdge(from, to, {}, String(i));
  });
  layout(graph);
  const laid: { readonly width?: number; readonly height?: number } = graph.graph();
  const width = Math.ceil(Math.max(laid.width ?? 0, title.length * FONT_SIZE * CHARACTER + 2 * MARGIN));
  const height = Math.ceil(laid.height ?? 0) + HEADING_HEIGHT;
  const drawnArrows = arrows.map((arrow, i) => {
    const { points }: { readonly points: readonly Point[] } = graph.edge(arrow.from, arrow.to, String(i));
    return drawArrow(points, arrow.label);
  });
  const drawnBoxes = boxes.map((box) => drawBox(box, graph.node(box.id)));
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${MARGIN}" y="${HEADING_HEIGHT - 8}" font-weight="700" fill="#1d2530">${title}</text>
<g transform="translate(0 ${HEADING_HEIGHT})">
${drawnArrows}${drawnBoxes}</g>
</svg>
`.markup;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Through the middles of its corners, so that the line has none; the tip is no marker, as not every viewer turns one. */
function drawArrow(points: readonly Point[], label: string): Html {
  const at = ({ x, y }: Point) => `${rounded(x)} ${rounded(y)}`;
  const [first, ...more] = points;
  const curves = more.slice(0, -1).map((point, i) => {
    const next = more[i + 1]!;
    const middle = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(i === more.length - 2 ? next : middle)}`;
  });
  const [before, end] = points.slice(-2) as [Point, Point];
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const along = { x: (TIP * (end.x - before.x)) / length, y: (TIP * (end.y - before.y)) / length };
  const back = { x: end.x - along.x, y: end.y - along.y };
  const left = { x: back.x - along.y / 2, y: back.y + along.x / 2 };
  const right = { x: back.x + along.y / 2, y: back.y - along.x / 2 };
  const line = `M${at(first!)}${curves.join('')}L${at(end)}`;
  return html`<g class="arrow"><title>${label}</title><path d="${line}" fill="none" stroke="${ARROW}" stroke-width="1.2"/><path d="M${at(left)}L${at(end)}L${at(right)}z" fill="${ARROW}"/></g>
`;
}

function drawBox(box: DiagramBox, { x, y, width, height }: Placed): Html {
  const [left, top] = [rounded(x - width / 2), rounded(y - height / 2)];
  const lines = box.lines.map((line, i) => {
    const baseline = BAND_HEIGHT + PADDING / 2 + (i + 1) * LINE_HEIGHT - 5;
    return html`<text x="${PADDING}" y="${baseline}" fill="#1d2530">${shortened(line)}</text>`;
  });
  const whole = [box.title, ...box.lines].join('\n');
  return html`<g transform="translate(${left} ${top})"><title>${whole}</title><rect width="${width}" height="${height}" rx="5" fill="#f5f7f9" stroke="${TONES[box.tone]}"/><path d="M0 ${BAND_HEIGHT}V5a5 5 0 0 1 5-5H${width - 5}a5 5 0 0 1 5 5V${BAND_HEIGHT}z" fill="${TONES[box.tone]}"/><text x="${PADDING}" y="16" font-weight="700" fill="#ffffff">${shortened(box.title)}</text>${lines}</g>
`;
}
