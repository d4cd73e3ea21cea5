/** A column of whole numbers that grows: four bytes each, and no object. */
export class Numbers {
  #values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new Int32Array(this.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  at(row: number): number {
    return this.#values[row] ?? -1;
  }
}

/** The same of amounts and places in the journal, which need more digits: eight bytes each. */
export class Amounts {
  #values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new Float64Array(this.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  at(row: number): number {
    return this.#values[row] ?? 0;
  }
}

/** Names that come up again and again, each kept once and known by a number; -1 is none. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  number(name: string | undefined): number {
    if (name === undefined) return -1;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    this.#names.push(name);
    return this.#names.length - 1;
  }

  get all(): readonly string[] {
    return this.#names;
  }

  find(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  name(number: number): string | undefined {
    return this.#names[number];
  }
}
