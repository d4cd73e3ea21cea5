type Loaded = typeof import('./smartProvider.ts');

/**
 * Loads oidc-provider when it is first needed: whoever has no authorization server pays nothing for it. It warns of
 * every Node that is no LTS release, ours among them; the log is of JSON lines, so that is left out.
 */
/* eslint-disable no-console -- it is what the package warns with */
export async function loadProvider(): Promise<Loaded> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await import('./smartProvider.ts');
  } finally {
    console.warn = warn;
  }
}
