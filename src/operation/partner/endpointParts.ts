import type { Endpoint, Extension } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';

/** What an Endpoint says in the parts of an extension, each under its name. */
export class Parts {
  readonly #parts: readonly Extension[];
  constructor(endpoint: Endpoint, url: string) {
    this.#parts = extensionOf(endpoint, url)?.extension ?? [];
  }
  texts(name: string): string[] {
    return this.#parts
      .filter(({ url }) => url === name)
      .flatMap(({ valueString, valueCode, valueUrl }) => valueString ?? valueCode ?? valueUrl ?? []);
  }
  text(name: string): string | undefined {
    return this.texts(name)[0];
  }
  number(name: string, usual: number, [least, most]: readonly [number, number]): number {
    const given = this.#parts.find(({ url }) => url === name)?.valueInteger;
    return given === undefined ? usual : Math.min(most, Math.max(least, given));
  }
}
