import { describe, expect, it } from 'vitest';
import { type DiagramBox, diagramSvg } from '../../src/report/index.js';

const box = (id: string, lines: readonly string[] = ['in   [batch, 3]', 'out  [batch, 4]']): DiagramBox => ({
  id,
  title: `op ${id}`,
  lines,
  tone: 'plain',
});

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxesOf(svg: string): Rectangle[] {
  const pattern = /<g transform="translate\((\S+) (\S+)\)"><title>[^<]*<\/title><rect width="(\d+)" height="(\d+)"/g;
  return [...svg.matchAll(pattern)].map((match) => {
    const [x, y, width, height] = match.slice(1).map(Number);
    return { x: x!, y: y!, width: width!, height: height! };
  });
}

const overlap = (a: Rectangle, b: Rectangle) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Every element that begins ends, in order. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, end, name, own] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/gi)) {
    if (own === '/') continue;
    if (end === '/') expect(open.pop()).toBe(name);
    else open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
}

describe('diagramSvg', () => {
  it.each([1, 2, 300])('lays out %i boxes without overlap, inside the picture', (n) => {
    const boxes = Array.from({ length: n }, (_, i) => box(`b${i}`, Array(i % 5).fill('x'.repeat(i % 40))));
    const arrows = boxes.slice(1).map(({ id }, i) => ({ from: `b${Math.floor(i / 2)}`, to: id, label: `value ${i}` }));
    const svg = diagramSvg({ title: 'many', boxes, arrows });
    expectWellFormed(svg);
    const placed = boxesOf(svg);
    expect(placed).toHaveLength(n);
    const [, width, height] = svg.match(/<svg [^>]*viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
    placed.forEach((one, i) => {
      expect(placed.slice(i + 1).filter((other) => overlap(one, other))).toEqual([]);
      expect(one.x).toBeGreaterThanOrEqual(0);
      expect(one.x + one.width).toBeLessThanOrEqual(width!);
      expect(one.y + one.height).toBeLessThanOrEqual(height!);
    });
    expect(svg.match(/class="arrow"/g) ?? []).toHaveLength(n - 1);
  });

  it('goes from top to bottom', () => {
    const boxes = ['a', 'b', 'c'].map((id) => box(id));
    const [a, b, c] = boxesOf(
      diagramSvg({
        title: 'chain',
        boxes,
        arrows: [
          { from: 'a', to: 'b', label: '' },
          { from: 'b', to: 'c', label: '' },
        ],
      }),
    );
    expect(a!.y + a!.height).toBeLessThan(b!.y);
    expect(b!.y + b!.height).toBeLessThan(c!.y);
  });

  it('escapes text and shortens long lines', () => {
    const long = `${'k'.repeat(100)}`;
    const svg = diagramSvg({
      title: '<a & "b">',
      boxes: [{ id: 'x', title: '</text><script>', lines: [long, "it's"], tone: 'product' }],
      arrows: [],
    });
    expectWellFormed(svg);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;a &amp; &quot;b&quot;&gt;');
    expect(svg).toContain(`>${'k'.repeat(47)}…</text>`);
    expect(svg).toContain(`${long}\nit&#39;s</title>`);
  });

  it('draws two arrows between the same boxes', () => {
    const arrows = ['left', 'right'].map((label) => ({ from: 'a', to: 'b', label }));
    const svg = diagramSvg({ title: 'twice', boxes: [box('a'), box('b')], arrows });
    expect(svg.match(/class="arrow"/g)).toHaveLength(2);
    for (const { label } of arrows) expect(svg).toContain(`<title>${label}</title>`);
  });
});
