import { cutPlain } from './cut.ts';
import type { Cutting } from './cut.ts';
import { interchangeFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { beginsHeader, headerLength, readHeader } from './header.ts';
import { binaryEnd, decode, segmentOf, unwrapped } from './rawSegment.ts';
import type { Delimiters, Segment } from './segment.ts';

/** What the tokeniser finds, in order. An ISA comes as a segment with the separators it announces. */
export interface TokenSink {
  /** `offset`: at which byte of the file it begins. */
  segment(segment: Segment, offset: number): void;
  fault(fault: Fault): void;
}

export interface Tokenizer {
  push(chunk: Uint8Array): void;
  end(): void;
}

export interface TokenLimits {
  /** Characters of one segment; the rest of a longer one is skipped and reported. */
  readonly segment: number;
  /** Characters of one binary segment (BIN, BDS), which is found by its length. */
  readonly binary: number;
}

export const usualTokenLimits: TokenLimits = { segment: 1_000_000, binary: 64_000_000 };

/**
 * Bytes are held as Latin-1 text while separators are looked for, so that a border between chunks may
 * fall anywhere; a segment with bytes above 7F is decoded as UTF-8 where it is.
 */
interface State extends Cutting {
  readonly sink: TokenSink;
  readonly limits: TokenLimits;
  text: string;
  bytes: Uint8Array;
  /** What came since, while a binary segment is awaited, and how many bytes there are to be with it. */
  awaited: Uint8Array[];
  missing: number;
  /** How far the text was searched for a terminator without finding one. */
  searched: number;
  /** At which byte of the file the text begins. */
  base: number;
  delimiters: Delimiters | undefined;
  position: number;
  /** Between interchanges: true once bytes that belong to none were reported. */
  strayReported: boolean;
  /** In a segment that grew over its limit: what is left is skipped up to its terminator. */
  skipping: boolean;
  /** The bytes are no text of one byte a character: nothing more is read. */
  dead: boolean;
  begun: boolean;
  separator: number;
  terminator: number;
}

/** Within an interchange: its separators, the place of the segment before, and the byte where the next begins. */
export interface TokenPlace {
  readonly delimiters: Delimiters;
  readonly position: number;
  readonly offset: number;
}

/** Cuts bytes into segments. Chunks may end anywhere, in the middle of an ISA too. */
export function tokenizer(
  sink: TokenSink,
  { limits = usualTokenLimits, from }: { readonly limits?: TokenLimits; readonly from?: TokenPlace } = {},
): Tokenizer {
  const state: State = {
    sink,
    limits,
    text: '',
    bytes: new Uint8Array(),
    awaited: [],
    missing: 0,
    searched: 0,
    delimiters: from?.delimiters,
    position: from?.position ?? 0,
    base: from?.offset ?? 0,
    strayReported: false,
    skipping: false,
    dead: false,
    begun: from !== undefined,
    separator: from?.delimiters.element.charCodeAt(0) ?? 0,
    terminator: from?.delimiters.terminator.charCodeAt(0) ?? 0,
    cutEnd: 0,
  };
  return {
    push: (chunk) => {
      if (state.dead || chunk.length === 0) return;
      state.awaited.push(Buffer.from(chunk));
      state.missing -= chunk.length;
      if (state.missing > 0) return;
      gather(state);
      run(state, false);
    },
    end: () => {
      if (state.dead) return;
      gather(state);
      run(state, true);
    },
  };
}

/** Puts what came behind what is left: once for all of a binary segment, or its bytes would be copied at each chunk. */
function gather(state: State): void {
  const bytes = Buffer.concat([state.bytes, ...state.awaited]);
  state.awaited = [];
  state.missing = 0;
  state.bytes = bytes;
  state.text = bytes.toString('latin1');
}

function run(state: State, ended: boolean): void {
  if (!state.begun && !begin(state, ended)) return;
  for (;;) {
    const goesOn = state.delimiters ? readSegments(state, state.delimiters, ended) : findHeader(state, ended);
    if (!goesOn) return;
  }
}

/** Looks at the first bytes: a byte order mark is skipped, text of two bytes a character is refused. */
function begin(state: State, ended: boolean): boolean {
  if (state.text.length < 4 && !ended) return false;
  state.begun = true;
  if (state.text.startsWith('\xef\xbb\xbf')) drop(state, 3);
  if (/^(?:\xff\xfe|\xfe\xff|[^]?\0[^]\0|\0)/.test(state.text.slice(0, 4))) {
    state.dead = true;
    drop(state, state.text.length);
    state.sink.fault(
      interchangeFault('024', 'The file is UTF-16 or binary; an interchange is sent one byte a character.'),
    );
    return false;
  }
  return true;
}

/** Between interchanges: line ends, blanks and end-of-file marks are passed over, anything else is stray. */
function findHeader(state: State, ended: boolean): boolean {
  const blank = /^[\s\0\x1a]+/.exec(state.text)?.[0].length ?? 0;
  if (blank > 0) drop(state, blank);
  if (state.text === '' || (state.text.length < headerLength && !ended && mayBeHeader(state.text)))
    return false;
  if (beginsHeader(state.text, 0)) return openInterchange(state);
  return skipStray(state, ended);
}

const mayBeHeader = (text: string): boolean =>
  text.length > 3 ? beginsHeader(text, 0) : 'ISA'.startsWith(text.slice(0, 3));

function openInterchange(state: State): boolean {
  const { segment, length, faults } = readHeader(state.text.slice(0, 200));
  const offset = state.base;
  drop(state, length);
  state.searched = 0;
  state.position = 1;
  state.strayReported = segment === undefined;
  if (segment) {
    state.delimiters = segment.delimiters;
    state.separator = segment.delimiters.element.charCodeAt(0);
    state.terminator = segment.delimiters.terminator.charCodeAt(0);
    state.sink.segment(segment, offset);
  }
  for (const fault of faults) state.sink.fault(fault);
  return true;
}

/** Bytes outside an interchange: reported once, then passed over up to the next ISA. */
function skipStray(state: State, ended: boolean): boolean {
  if (!state.strayReported) {
    state.strayReported = true;
    state.sink.fault(
      interchangeFault('024', 'There is text outside an interchange; it was not read.', { position: 0 }),
    );
  }
  for (let at = state.text.indexOf('ISA'); at >= 0; at = state.text.indexOf('ISA', at + 1)) {
    if (state.text.length < at + 4 && !ended) {
      drop(state, Math.max(0, at - 1));
      return false;
    }
    if (beginsHeader(state.text, at) && !/[A-Za-z0-9]/.test(state.text.charAt(at - 1))) {
      drop(state, at);
      return true;
    }
  }
  drop(state, Math.max(0, state.text.length - 3));
  return false;
}

/** Within an interchange. False when more bytes are needed; true when the interchange is over. */
function readSegments(state: State, delimiters: Delimiters, ended: boolean): boolean {
  const { text, bytes, sink } = state;
  let at = 0;
  for (;;) {
    if (!state.skipping) at = passLineEnds(bytes, at);
    if (bytes[at] === 73 && !state.skipping && beginsHeader(text, at)) {
      if (text.length - at < headerLength && !ended) break;
      return leave(state, at); // the IEA is missing
    }
    const made = state.skipping ? undefined : nextSegment(state, at, delimiters);
    if (made) {
      state.position += 1;
      const offset = state.base + at;
      at = state.cutEnd + 1;
      sink.segment(made, offset);
      if (made.id === 'IEA') return leave(state, at);
      continue;
    }
    const end = endOf(state, delimiters, at);
    if (end < 0) break;
    state.searched = 0;
    state.skipping = false;
    at = end + 1;
  }
  drop(state, state.skipping ? text.length : at);
  return keepRest(state, delimiters, ended);
}

/** The segment that begins here, and in `cut` where it ends; undefined when its end has not come. */
function nextSegment(state: State, at: number, delimiters: Delimiters): Segment | undefined {
  const { bytes, text } = state;
  const mayBeBinary = bytes[at] === 66 && (bytes[at + 1] === 73 || bytes[at + 1] === 68);
  const plain = mayBeBinary ? undefined : cutPlain(state, at, delimiters);
  if (plain) return plain;
  const end = endOf(state, delimiters, at);
  if (end < 0) return undefined;
  state.searched = 0;
  state.cutEnd = end;
  return segmentOf(decode(unwrapped(text.slice(at, end))), state.position + 1, delimiters);
}

function drop(state: State, length: number): void {
  state.base += length;
  state.text = state.text.slice(length);
  state.bytes = state.bytes.subarray(length);
}

function passLineEnds(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 10 || bytes[at] === 13) at += 1;
  return at;
}

/** Where the segment that begins here ends, or -1 when its terminator has not come yet. */
function endOf(state: State, delimiters: Delimiters, at: number): number {
  const { text, searched } = state;
  if (!state.skipping && text.charCodeAt(at) === 66) {
    const after = binaryEnd(text, at, delimiters);
    if (after !== undefined && isAwaited(state, after - at, after)) return -1;
    if (after !== undefined && text.charAt(after) === delimiters.terminator) return after;
  }
  return text.indexOf(delimiters.terminator, Math.max(at, searched));
}

/** True where a binary segment ends in what is still to come, and is no longer than may be held. */
const isAwaited = ({ text, limits }: State, length: number, after: number): boolean =>
  after >= text.length && length <= limits.binary;

function leave(state: State, at: number): boolean {
  drop(state, at);
  state.delimiters = undefined;
  state.searched = 0;
  state.strayReported = false;
  return true;
}

/** Keeps the begun segment for the next chunk, within the limit. */
function keepRest(state: State, delimiters: Delimiters, ended: boolean): boolean {
  const { text, limits, sink } = state;
  const after = binaryEnd(text, 0, delimiters);
  const awaited = after !== undefined && isAwaited(state, after, after);
  if (ended && text.trim() !== '') {
    state.position += 1;
    const at = { segmentId: 'IEA', position: state.position };
    sink.fault(interchangeFault('023', 'The file ends within a segment.', at));
  } else if (!awaited && text.length > limits.segment) {
    state.position += 1;
    state.skipping = true;
    sink.segment(segmentOf(decode(text.slice(0, 1000)), state.position, delimiters), state.base);
    sink.fault({
      level: 'segment',
      code: '8',
      segmentId: /^[A-Z0-9]{2,3}/.exec(text)?.[0] ?? '',
      position: state.position,
      sentence: 'The segment is longer than is read; what follows of it was left out.',
      refuses: true,
    });
    drop(state, text.length);
  }
  if (ended) {
    drop(state, state.text.length);
    state.delimiters = undefined;
    return false;
  }
  state.searched = awaited ? 0 : state.text.length;
  state.missing = awaited ? after + 1 - text.length : 0;
  return false;
}
