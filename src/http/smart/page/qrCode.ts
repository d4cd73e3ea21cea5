import { generate } from 'lean-qr';
import { markup, type Html } from './html.ts';

/** White around the code that scanners ask for, in modules. See ISO/IEC 18004 */
const quiet = 4;

/**
 * A text as a QR code: a picture within the page, so that nothing loads and no other site sees it. Its colours are its
 * own, for a scanner needs dark on light, also where the page is dark.
 */
export function qrCode(text: string, label: string): Html {
  const code = generate(text);
  const size = code.size + 2 * quiet;
  const dark: string[] = [];
  for (let y = 0; y < code.size; y++)
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark.push(`M${x + quiet} ${y + quiet}h1v1h-1z`);
  return markup`<svg class="code" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
      <rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${dark.join('')}"/>
    </svg>`;
}
