import jsqr from 'jsqr';

/** Its types speak of a module within the module; here it is the function itself. */
const read = jsqr as unknown as typeof jsqr.default;
const scale = 4; // pixels a module

/** What a scanner reads from the QR code of a page: its picture is drawn from the markup alone. */
export function scanned(page: string): string | undefined {
  const svg = /<svg class="code"[^>]* viewBox="0 0 (\d+) \1"[^>]*>([^]*?)<\/svg>/.exec(page);
  const size = Number(svg?.[1] ?? 0) * scale;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [, x, y] of (svg?.[2] ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let row = 0; row < scale; row++)
      for (let column = 0; column < scale; column++) {
        const at = ((Number(y) * scale + row) * size + Number(x) * scale + column) * 4;
        pixels.fill(0, at, at + 3);
      }
  return size === 0 ? undefined : read(pixels, size, size)?.data;
}
