/** The elements of a narrative. See https://hl7.org/fhir/R4/narrative.html (txt-1) */
const elements = new Set(
  (
    'a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em ' +
    'h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strong sub sup table tbody td tfoot ' +
    'th thead tr tt u ul var'
  ).split(' '),
);

const attribute = String.raw`\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')`;
/** A closing tag, or an opening one with its attributes; a slash at the end when it is empty. */
const tag = new RegExp(
  String.raw`<(?:/([a-z][a-z0-9]*)\s*|([a-z][a-z0-9]*)((?:${attribute})*)\s*(/?))>`,
  'y',
);
const each = /\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
/** Where a link may lead: a scheme without scripts, or a relative address; entities must not hide another. */
const harmless = /^\s*(?:(?:https?|ftp|mailto|tel|urn|cid):|data:\s*image\/(?!svg)|[^:&]*(?:$|[/?#]))/i;

/** Whether attributes would run something in a browser: those of events, and addresses of scripts. */
function runs(attributes: string): boolean {
  for (const [, name = '', double, single] of attributes.matchAll(each)) {
    if (/^on/i.test(name)) return true;
    if (/^(?:href|src)$/i.test(name) && !harmless.test(double ?? single ?? '')) return true;
  }
  return false;
}

/** True for one well-formed div of the elements that R4 allows, without anything that could run. */
export function isNarrative(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const text = value.trim();
  if (!/^<div[\s>/]/.test(text)) return false;
  const open: string[] = [];
  for (let at = 0; at >= 0; at = text.indexOf('<', at)) {
    if (text.startsWith('<!--', at)) {
      at = text.indexOf('-->', at);
      if (at < 0) return false;
      continue;
    }
    tag.lastIndex = at;
    const found = tag.exec(text);
    if (!found) return false;
    const [whole, closing, opening = '', attributes = '', empty] = found;
    if (closing !== undefined) {
      if (open.pop() !== closing) return false;
    } else {
      if (!elements.has(opening) || (attributes !== '' && runs(attributes))) return false;
      if (empty === '') open.push(opening);
    }
    at += whole.length;
    if (open.length === 0) return at === text.length; // the div is closed: nothing may follow
  }
  return false;
}
