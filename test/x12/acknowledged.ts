import { groupAcknowledgement, interchangeAcknowledgement } from '../../src/x12/acknowledge.ts';
import { judging } from '../../src/x12/judgement.ts';
import type { FileJudged } from '../../src/x12/judgement.ts';
import { faultsOf, readBytes, readTransactions } from '../../src/x12/read.ts';
import { writeInterchange, writeSegment } from '../../src/x12/write.ts';
import { header } from './written.ts';

export function judged(bytes: Uint8Array | string): FileJudged {
  const judge = judging();
  for (const part of readBytes(Buffer.from(bytes))) judge.take(part);
  return judge.file;
}

/** The acknowledgement of each interchange of a file, as it would be sent. */
export const acknowledgements = ({ interchanges }: FileJudged): readonly string[] =>
  interchanges.map((interchange) =>
    writeInterchange(
      header,
      (interchange.status === 'R' ? [] : interchange.groups).map((group, n) => ({
        functionalGroup: 'FA',
        sender: header.receiver,
        receiver: header.sender,
        controlNumber: n + 1,
        version: '005010X231A1',
        date: header.date,
        time: header.time,
        sets: [
          {
            controlNumber: '0001',
            set: '999',
            convention: '005010X231A1',
            content: groupAcknowledgement(group),
          },
        ],
      })),
      { acknowledgements: [interchangeAcknowledgement(interchange)] },
    ),
  );

/**
 * What is wrong with an acknowledgement of ours when it is read as the partner reads it. Which group or set
 * it was, is given back as it was sent (AK101, AK201), also where that is none.
 */
export const faultsOfAnswer = (text: string): readonly string[] =>
  faultsOf(readTransactions(text))
    .filter(({ refuses, sentence }) => refuses && !/^AK[12]01 has a code/.test(sentence))
    .map(({ code, sentence }) => `${code} ${sentence}`);

/** The segments of the first group's 999, without terminators. */
export const answerTo = (bytes: Uint8Array | string): readonly string[] => {
  const group = judged(bytes).interchanges[0]?.groups[0];
  return group
    ? groupAcknowledgement(group).map((one) => writeSegment(one, one.delimiters).slice(0, -1))
    : [];
};

export const ta1Of = (bytes: Uint8Array | string): readonly string[] =>
  judged(bytes).interchanges.map((one) => {
    const segment = interchangeAcknowledgement(one);
    return writeSegment(segment, segment.delimiters).slice(0, -1);
  });
