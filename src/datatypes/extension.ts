import type { Extension } from '@medplum/fhirtypes';

interface Extended {
  readonly extension?: Extension[] | undefined;
}

/** The first extension of a URL. */
export const extensionOf = (element: Extended | undefined, url: string): Extension | undefined =>
  element?.extension?.find((e) => e.url === url);

/** Every extension of a URL, or of several that mean the same. */
export const extensionsOf = (element: Extended | undefined, url: string | readonly string[]): Extension[] =>
  element?.extension?.filter((e) => (typeof url === 'string' ? e.url === url : url.includes(e.url))) ?? [];
