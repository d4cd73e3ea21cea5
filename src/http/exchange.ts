import type { RequestHandler, Response } from 'express';
import type { Context } from '../interaction/context.ts';
import type { ImportedCounts } from '../interaction/audit/accessRecord.ts';
import type { Answer } from '../interaction/rest/answer.ts';
import { fhirJson, type Presentation } from './content.ts';

/** What is known of a request while it is answered. Each step of app.ts fills in its own part. */
export interface Exchange {
  readonly requestId: string;
  readonly started: number; // milliseconds of performance.now()
  /** Headers of every answer, name and value by turns: `send` writes them at once, which setHeader would not. */
  readonly headers: string[];
  /** The path of the table of routes that answers, as in /fhir/:type/:id. */
  route?: string;
  /** How the client wants the answer. */
  presentation: Presentation;
  /** The context of who asks; there from the principal on. */
  context?: Context;
  /** Where it comes from, behind proxies that are trusted. */
  address?: string;
  /** The query that came as a form. */
  form?: string;
  /** Records the access; resolves when the record is flushed, so that the answer may leave. Called once. */
  record?: ((answer: Answer) => Promise<void>) | undefined;
  /** Records a commit of an import that streams in. */
  recordImported?: (counts: ImportedCounts) => Promise<void>;
  /** The same for what is answered later: the work is recorded when it is done. */
  recordLater?: (answer: Answer) => Promise<void>;
}

interface Locals {
  claimwright?: Exchange;
}

/** One step of the way of a request. */
export type Step = RequestHandler<Readonly<Record<string, string>>, unknown, unknown, unknown, Locals>;
export type Answering = Response<unknown, Locals>;

/** How an answer is written before anybody knows what the client wants. */
export const plain: Presentation = { contentType: fhirJson, pretty: false };

export function exchangeOf({ locals }: Answering): Exchange {
  const { claimwright } = locals;
  if (!claimwright) throw new Error('the step of the request id comes first');
  return claimwright;
}

/** Where a request comes from, by its response, where the steps before have found it out. */
export const addressIn = (response: object): string | undefined =>
  'locals' in response ? (response as Answering).locals.claimwright?.address : undefined;

/** The context of who asks. */
export function contextOf(response: Answering): Context {
  const { context } = exchangeOf(response);
  if (!context) throw new Error('the step of the principal comes before');
  return context;
}

/** The query of a URL as it was sent, without its question mark: FHIR has rules of its own for it. */
export function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** The path of a URL, without its query. */
export function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
