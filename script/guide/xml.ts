/** Reads the XML of an X12 map: elements, attributes and text. No namespaces, no DTD. */
export interface Node {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { gt: '>', lt: '<', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&([a-z]+);/g, (whole, name: string) => entities[name] ?? whole);
}

export function readXml(source: string): Node {
  const root: Node = { tag: '', attributes: {}, children: [], text: '' };
  const open: Node[] = [root];
  const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w_]+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;
  for (const match of source.matchAll(token)) {
    const [, close, tag, attributes, empty, text] = match;
    const parent = open[open.length - 1] ?? root;
    if (text !== undefined) parent.text += decode(text).trim();
    if (tag === undefined) continue;
    if (close === '/') {
      open.pop();
      continue;
    }
    const named: Record<string, string> = {};
    for (const [, key = '', value = ''] of (attributes ?? '').matchAll(/([\w:]+)="([^"]*)"/g))
      named[key] = decode(value);
    const node: Node = { tag, attributes: named, children: [], text: '' };
    parent.children.push(node);
    if (empty !== '/') open.push(node);
  }
  const first = root.children[0];
  if (first === undefined) throw new Error('The file holds no element.');
  return first;
}
