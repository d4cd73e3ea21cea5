import type { ResourceType } from '@medplum/fhirtypes';

/** The order of this server's writes by type: what is remembered of a type is valid until the type is written. */
export class Written {
  readonly #last = new Map<ResourceType, number>();
  readonly #atWork = new Set<number>();
  #now = 0;

  /** The present point in the order. */
  get now(): number {
    return this.#now;
  }

  /** Registers a writer; the function returned is called when its writes have landed or never will. */
  begin(): () => void {
    const at = ++this.#now;
    this.#atWork.add(at);
    return () => void this.#atWork.delete(at);
  }

  /** Something of a type is about to be written. */
  add(type: ResourceType): void {
    this.#last.set(type, ++this.#now);
  }

  /** When any of these types was last written. */
  last(types: readonly ResourceType[]): number {
    return Math.max(0, ...types.map((type) => this.#last.get(type) ?? 0));
  }

  /** Whether all writes up to a point in the order have landed: all present writers began after it. */
  hasLanded(time: number): boolean {
    return [...this.#atWork].every((begun) => begun > time);
  }
}
