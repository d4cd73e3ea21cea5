import type { Extension } from '@medplum/fhirtypes';

interface Extended {
  readonly extension?: Extension[] | undefined;
}

/** The first extension of a URL. */
export const extensionOf = (element: Extended | undefined, url: string): Extension | undefined =>
  element?.extension?.find((e) => e.url === url);

/** Every extension of a URL. */
export const extensionsOf = (element: Extended | undefined, url: string): Extension[] =>
  element?.extension?.filter((e) => e.url === url) ?? [];
