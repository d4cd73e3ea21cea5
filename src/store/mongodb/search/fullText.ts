import type { AnyBulkWriteOperation } from 'mongodb';
import { MongoBulkWriteError } from 'mongodb';
import { contentText, narrativeText, wordsOf } from '../../../search/fullText.ts';
import type { FullText, Phrase } from '../../../search/query.ts';
import { resourceOf } from '../../version.ts';
import {
  storedFields,
  storedOf,
  type ResourceDocument,
  type WordDocument,
} from '../connection/collections.ts';
import { within, type View } from '../connection/mongoState.ts';
import { all, any, type Match } from './match.ts';

const atOnce = 200;
const duplicateKey = 11_000;

const spaced = (words: readonly string[]): string => ` ${words.join(' ')} `;

function wordsIn(row: ResourceDocument): WordDocument {
  const resource = resourceOf(storedOf(row._id, row.v, row));
  const [narrative, content] = [wordsOf(narrativeText(resource)), wordsOf(contentText(resource))];
  return {
    _id: row._id,
    v: row.v,
    h: row.h,
    n: [...new Set(narrative)],
    c: [...new Set(content)],
    nt: spaced(narrative),
    ct: spaced(content),
  };
}

/** Indexes the words of what was written since the last time. Two servers may do it at once: the newer version stays. */
export async function indexWords({ state: { collections } }: View): Promise<void> {
  for (;;) {
    const due = await collections.resource
      .find({ due: true }, { projection: storedFields })
      .limit(atOnce)
      .toArray();
    if (due.length === 0) return;
    const words = due.map((row): AnyBulkWriteOperation<WordDocument> => {
      const { _id, ...rest } = wordsIn(row);
      return { updateOne: { filter: { _id, v: { $lt: row.v } }, update: { $set: rest }, upsert: true } };
    });
    await collections.word.bulkWrite(words, { ordered: false }).catch(unlessNewer);
    await collections.resource.bulkWrite(
      due.map(({ _id, v }) => ({ updateOne: { filter: { _id, v }, update: { $unset: { due: '' } } } })),
    );
  }
}

/** A duplicate key means that the words of a newer version are there already: they are kept. */
function unlessNewer(error: unknown): void {
  if (error instanceof MongoBulkWriteError) {
    const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    if (failures.length > 0 && failures.every(({ code }) => code === duplicateKey)) return;
  }
  throw error;
}

const patternOf = ({ words, prefix }: Phrase): string => ` ${words.join(' ')}${prefix ? '[^ ]*' : ''} `;

/** The match of a resource's words: each word by the index, words in sequence by the text. */
export function wordsMatch({ op, alternatives }: FullText): Match {
  const [words, text] = op === 'text' ? ['n', 'nt'] : ['c', 'ct'];
  return any(
    alternatives.map((phrases) =>
      all(
        phrases.flatMap((phrase) => {
          const last = phrase.words.length - 1;
          const each = phrase.words.map((word, i): Match =>
            phrase.prefix && i === last ? { [words]: { $regex: `^${word}` } } : { [words]: word },
          );
          return last === 0 ? each : [...each, { [text]: { $regex: patternOf(phrase) } }];
        }),
      ),
    ),
  );
}

/** Resources whose words are not indexed yet, as they were written in this transaction or just now, and which match. */
export async function dueWords(
  view: View,
  { op, alternatives }: FullText,
): Promise<{ readonly due: string[]; readonly met: string[] }> {
  const patterns = alternatives.map((phrases) => phrases.map((phrase) => new RegExp(patternOf(phrase), 'u')));
  const due: string[] = [];
  const met: string[] = [];
  const rows = view.state.collections.resource.find(
    { due: true },
    { projection: storedFields, ...within(view) },
  );
  for await (const row of rows) {
    due.push(row._id);
    const { nt, ct } = wordsIn(row);
    const text = op === 'text' ? nt : ct;
    if (patterns.some((phrases) => phrases.every((pattern) => pattern.test(text)))) met.push(row._id);
  }
  return { due, met };
}
