import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** What is wrong with a page as people see and hear it, at the width of a small phone and of a desk. */
const widths = [320, 1280];
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
/** Where pictures of the pages go, for people to look at; none without it. */
const pictures = process.env['CLAIMWRIGHT_TEST_PICTURES'];

const ruleFaults = `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;

/** What is too small to be pressed (WCAG 2.2, 2.5.8), and what does not fit into the window. */
const shapeFaults = `[
  ...[...document.querySelectorAll('button, input, nav a')]
    .filter((one) => one.type !== 'hidden' && one.checkVisibility())
    .filter((one) => one.getBoundingClientRect().height < 24)
    .map((one) => 'too small to be pressed: ' + one.outerHTML),
  ...[document.documentElement]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ scrollWidth }) => 'wider than the window: ' + scrollWidth),
]`;

/** The faults of the page that is shown; `name` says which it is. */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
    }
    const said = await page.evaluate<string[]>(shapeFaults);
    // The markup is the same at each width, so it is held to the rules once.
    if (width === widths[0]) said.push(...(await page.evaluate<string[]>(`${axe}; ${ruleFaults}`)));
    faults.push(...said.map((fault) => `${name} at ${width}: ${fault}`));
  }
  return faults;
}
