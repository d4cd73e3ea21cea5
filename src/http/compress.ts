import { promisify } from 'node:util';
import { brotliCompress, constants, deflate, gzip } from 'node:zlib';

/** Bodies of fewer bytes are sent uncompressed, as less than a packet would be saved. */
const leastBytes = 1024;

type Encoding = 'br' | 'gzip' | 'deflate';
const encodings: readonly Encoding[] = ['br', 'gzip', 'deflate'];

/** Low levels, as compression shares the processor with the store. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };
const zlibOptions = { level: 3 };
const [packBrotli, packGzip, packDeflate] = [promisify(brotliCompress), promisify(gzip), promisify(deflate)];

/** How a body may be packed for a client; undefined: not at all. See https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
export function encodingFor(
  acceptEncoding: string | string[] | undefined,
  bytes: number,
): Encoding | undefined {
  if (acceptEncoding === undefined || bytes < leastBytes) return undefined;
  const weights = new Map<string, number>();
  for (const item of String(acceptEncoding).toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const q = /^q=(\d(?:\.\d+)?)$/.exec(parameters.find((p) => p.startsWith('q=')) ?? '')?.[1] ?? '1';
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number(q));
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0;
  const best = Math.max(...encodings.map(weightOf));
  return best > 0 ? encodings.find((name) => weightOf(name) === best) : undefined;
}

/** Packs a body. */
export function compress(body: Uint8Array | string, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'br':
      return packBrotli(body, brotliOptions);
    case 'gzip':
      return packGzip(body, zlibOptions);
    case 'deflate':
      return packDeflate(body, zlibOptions);
  }
}
