/** Draws how far a long piece of work is, on a terminal only; elsewhere it says nothing. */
export interface Progress {
  step(done: number, total: number, what: string): void;
  end(): void;
}

const width = 28;

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { step: () => undefined, end: () => undefined };
  let last = '';
  return {
    step: (done, total, what) => {
      const filled = total === 0 ? width : Math.floor((width * done) / total);
      const bar = '█'.repeat(filled).padEnd(width, '░');
      const text = `\r${bar} ${done}/${total} ${what}`;
      if (text === last) return;
      stream.write(text.padEnd(last.length));
      last = text;
    },
    end: () => {
      if (last !== '') stream.write(`\r${' '.repeat(last.length)}\r`);
      last = '';
    },
  };
}
