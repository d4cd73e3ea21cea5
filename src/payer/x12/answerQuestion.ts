import type { Books } from './books.ts';
import { answerFile, type Content, type Outgoing } from './envelope.ts';
import type { Question } from './question.ts';
import { write271 } from './write271.ts';
import { write277, type StatusDesk } from './write277.ts';

/** What a payer answers to questions, a file for each. */
export const answerQuestions = (books: Books, desk: StatusDesk, questions: readonly Question[]): Outgoing[] =>
  questions.flatMap((question) => {
    const content = contentOf(books, desk, question);
    return content ? [answerFile(books, question.ends, desk.clock, content)] : [];
  });

function contentOf(books: Books, desk: StatusDesk, question: Question): Content | undefined {
  switch (question.set) {
    case '270': {
      const version = '005010X279A1';
      const sets = question.asked.map((asked) => ({
        ...{ set: '271', convention: version },
        content: write271(books, desk, { question, asked }),
      }));
      return { kind: '271', groups: [{ functionalGroup: 'HB', version, sets }] };
    }
    case '276': {
      const version = '005010X212';
      const sets = [{ set: '277', convention: version, content: write277(books, desk, question) }];
      return { kind: '277', groups: [{ functionalGroup: 'HN', version, sets }] };
    }
    case '278':
      return undefined;
  }
}
